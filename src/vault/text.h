/* vault/text.h — the lines `name:length:value` that payloads are made of.
 *
 * Runs in: vault.   Depends on: base.   Never: knows what the names mean. */
#pragma once
#include "base/base.h"

void text_line(struct buf *b, const char *name, struct str value);
/* The value of the first line of that name, a view; unset when there is none or the text is malformed before it. */
struct str text_field(struct str text, const char *name);
