/* vault/slots.h — tables/slots.def, tables/roles.def and tables/purposes.def as numbers.
 *
 * Runs in: vault.   Depends on: tables.   Never: more than numbers. */
#pragma once
#include <stdint.h>

enum slot {
#define SLOT(id, number) SLOT_##id = (number),
#include "tables/slots.def"
#undef SLOT
};
enum role_bit {
#define ROLE(id, bit, name, title) ROLE_##id = (bit),
#include "tables/roles.def"
#undef ROLE
};
enum purpose {
#define PURPOSE(id, number, name) PURPOSE_##id = (number),
#include "tables/purposes.def"
#undef PURPOSE
};
#define ROLE_BIT_OF(id) (UINT64_C(1) << ROLE_##id)
