/* tests/unit/crypto_help.h — what the tests of crypto share: chosen randomness, golden vectors, flipped bytes.
 *
 * Runs in: tests.   Never: part of a program. */
#pragma once
#include "crypto/key.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Call first in main. After `chosen(n)` random bytes are the same in every run; `unchosen` gives real ones back. */
void help_start(void);
void chosen(uint8_t n);
void unchosen(void);

struct arena *help_arena(void);
struct id16 id_of(uint8_t n);
struct key32 *key_of(uint8_t n);
void bytes_of(uint8_t n, uint8_t *out, size_t len);
#define BYTES(x) ((struct str){ (const char *)(x), sizeof(x) })

/* A golden vector: tests/vectors/NAME.txt with lines `field: hex`. Fields are compared with the file when it exists;
 * AVSTAMP_WRITE_VECTORS=1 writes it. vector_field reads the file's own bytes. */
void vector_begin(const char *name);
void vector_add(const char *field, const void *p, size_t n);
void vector_end(void);
struct str vector_field(struct arena *a, const char *name, const char *field);

/* Runs `open` on every copy of `s` with one byte flipped, each length one shorter to none, and one longer. `open` must
 * refuse them all, and must accept s itself (the control). */
void refuse_all_changes(struct str s, enum err (*open)(struct str s, void *ctx), void *ctx);

/* A fresh directory under the build's temporary place; removed at exit. */
int help_directory(void);
const char *help_directory_path(int fd);
void help_copy_directory(int from, int to);
