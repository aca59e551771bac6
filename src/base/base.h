/* base/base.h — everything of base in one include. */
#pragma once
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/time.h"
#include "base/calendar.h"
#include "base/personnummer.h"
