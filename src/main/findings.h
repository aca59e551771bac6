/* main/findings.h — what verify finds, in the operator's Swedish.
 *
 * Runs in: verbs.   Depends on: base.   Never: hides a sentence it does not know (that one is printed as it is). */
#pragma once
#include "base/base.h"

struct str finding_text(const char *what);
