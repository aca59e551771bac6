/* pages/picture.h — the shared picture: accepted packages, the joint assessment, the plan's commitments. */
#pragma once
#include "pages/case.h"

struct html_part picture_part(struct request *r, const struct opened_case *o);
