/* crypto/secret_i.h — the inside of a key; only files of crypto may see it.
 *
 * Runs in: vault.   Depends on: crypto/secret.h.   Never: included outside crypto. */
#pragma once
#include "crypto/secret.h"
#include <sodium.h>

struct key32 { uint8_t b[32]; };

#define SECRET_MAX 2048
/* Zeroed, locked memory of at most SECRET_MAX bytes; NULL when there is none left. secret_give wipes. */
void *secret_take(size_t n);
void secret_give(void *p);
/* Zeroed, locked, guarded memory for as long as the program runs; the caller wipes it. NULL when there is none left. */
void *secret_pages(size_t n);

#define KEY_TEMP _cleanup_(key32_wipe_stack) struct key32
/* For a key on the stack inside one function. */
static inline void key32_wipe_stack(struct key32 *k)
{
	sodium_memzero(k->b, sizeof(k->b));
}
