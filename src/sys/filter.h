/* sys/filter.h — a system call filter as a list of rules, made into BPF by hand.
 *
 * Runs in: every process.   Depends on: base.   Never: allocates.
 *
 * Invariants
 *   L1  a call of another architecture, or of the x32 kind, ends the process.
 *   L2  a call without a rule gets the filter's `otherwise`.
 *   L3  the first rule of a call that fits decides. */
#pragma once
#include "base/base.h"

enum filter_verdict {
	FILTER_ALLOW,
	FILTER_REFUSE,  /* EPERM */
	FILTER_MISSING, /* ENOSYS: the caller falls back to an older call */
	FILTER_PRETEND, /* 0, and nothing is done */
	FILTER_KILL,    /* ends the process */
};
enum filter_test {
	FILTER_ALWAYS,
	FILTER_EQUALS,  /* the argument, all 64 bits, is `value` */
	FILTER_ALL_OF,  /* the low 32 bits of the argument have every bit of `value` */
	FILTER_NONE_OF, /* the low 32 bits have no bit of `value` */
};
struct filter_rule {
	int call; /* SYS_x */
	enum filter_verdict verdict;
	enum filter_test test;
	unsigned argument;
	uint64_t value;
};

#define FILTER_RULES_MAX 256
struct filter {
	struct filter_rule rules[FILTER_RULES_MAX];
	size_t n;
	enum filter_verdict otherwise;
};
void filter_add(struct filter *f, struct filter_rule rule);
void filter_verdict_of(struct filter *f, enum filter_verdict verdict, const int *calls, size_t n);
/* Puts the filter on the calling thread and all it makes from now on. ERR_SYSTEM when the kernel has none. */
MUST enum err filter_install(const struct filter *f);
