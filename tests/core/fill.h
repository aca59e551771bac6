/* tests/core/fill.h — fills a command's form: always the same fitting values, or chosen by a small random source. */
#pragma once
#include "world.h"

#define FILL_MAX 64

/* A small source of numbers: the same seed gives the same numbers for ever. */
struct dice { uint64_t state; };
uint64_t dice_next(struct dice *d);
size_t dice_below(struct dice *d, size_t n);

/* Values that fit: every field filled, things picked from the state. With dice: some left out, any choice. */
size_t fill_form(struct arena *a, struct world *w, const struct kase *k, enum command_id c, struct dice *d,
                 struct field_value values[FILL_MAX]);
/* A package command's input that fits the state. */
const void *fill_package(struct arena *a, const struct kase *k, enum command_id c);
