/* flow/name_match.h — does a name contain what was typed, as people spell it?
 *
 * Runs in: web, verbs.   Depends on: base, utf8proc.   Never: an index. */
#pragma once
#include "base/base.h"

/* Every word typed begins a word of the name, without regard to case; å, ä and ö are letters of their own. */
bool name_matches(struct arena *a, struct str name, struct str typed);
