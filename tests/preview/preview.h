/* tests/preview/preview.h — sample pages for looking at the style: invented persons, no server, no case.
 *
 * preview DIRECTORY writes NAME.html and a/FILE; serve the directory at "/" and look. */
#pragma once
#include "view/shell.h"

struct sample {
	const char *name;
	const char *title;
	int here;                /* which part of the main menu, from 0; -1: nobody is logged in */
	bool faulty;
	struct html_part (*context)(struct arena *a);
	struct html_part (*content)(struct arena *a);
};
extern const struct sample case_samples[];
extern const size_t n_case_samples;
extern const struct sample desk_samples[];
extern const size_t n_desk_samples;

/* Ids and keys that mean nothing. */
struct id16 preview_id(uint8_t n);
struct form_keys preview_keys(void);

/* A copy of a value in the arena, so that its part outlives the function that filled it. */
#define PART(a, name, ...) part_##name(preview_keep(a, &(struct tpl_##name)__VA_ARGS__, sizeof(struct tpl_##name)))
const void *preview_keep(struct arena *a, const void *p, size_t n);
/* Rows of a list, in the arena: .rows = ROWS(a, struct tpl_x_rows, {...}, {...}), .n_rows = 2 */
#define ROWS(a, type, ...) preview_keep((a), (const type[]){ __VA_ARGS__ }, sizeof((const type[]){ __VA_ARGS__ }))
#define ROWS_N(type, ...) (sizeof((const type[]){ __VA_ARGS__ }) / sizeof(type))
