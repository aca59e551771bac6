/* sys/filter.c — turns filter rules into a BPF program and installs it. */
#include "sys/filter.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "the walls know x86_64 and aarch64; add the audit number of this machine"
#endif
#define X32_BIT UINT32_C(0x40000000)
#define AT_NUMBER ((uint32_t)offsetof(struct seccomp_data, nr))
#define AT_ARCH ((uint32_t)offsetof(struct seccomp_data, arch))
#define AT_LOW(i) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)(i)))
#define AT_HIGH(i) (AT_LOW(i) + 4)
/* One rule needs at most: compare number, load, test, load, test, return, load number again. */
#define PER_RULE 7
#define PROGRAM_MAX (8 + FILTER_RULES_MAX * PER_RULE)

struct program {
	struct sock_filter at[PROGRAM_MAX];
	unsigned short n;
};

void filter_add(struct filter *f, struct filter_rule rule)
{
	assert_always(f->n < FILTER_RULES_MAX);
	f->rules[f->n++] = rule;
}

void filter_verdict_of(struct filter *f, enum filter_verdict verdict, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		filter_add(f, (struct filter_rule){ .call = calls[i], .verdict = verdict });
}

static void put(struct program *p, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	assert_always(p->n < PROGRAM_MAX);
	p->at[p->n++] = (struct sock_filter){ code, yes, no, k };
}

static void load(struct program *p, uint32_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

static void give(struct program *p, enum filter_verdict v)
{
	uint32_t k = SECCOMP_RET_KILL_PROCESS;
	switch (v) {
	case FILTER_ALLOW: k = SECCOMP_RET_ALLOW; break;
	case FILTER_REFUSE: k = SECCOMP_RET_ERRNO | EPERM; break;
	case FILTER_MISSING: k = SECCOMP_RET_ERRNO | ENOSYS; break;
	case FILTER_PRETEND: k = SECCOMP_RET_ERRNO; break;
	case FILTER_KILL: break;
	}
	put(p, BPF_RET | BPF_K, 0, 0, k);
}

static void put_rule(struct program *p, const struct filter_rule *r)
{
	uint32_t low = (uint32_t)r->value, high = (uint32_t)(r->value >> 32);
	uint32_t call = (uint32_t)r->call;
	switch (r->test) {
	case FILTER_ALWAYS:
		put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call);
		give(p, r->verdict);
		return;
	case FILTER_EQUALS:
		put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 6, call);
		load(p, AT_HIGH(r->argument));
		put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, high);
		load(p, AT_LOW(r->argument));
		put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, low);
		break;
	case FILTER_ALL_OF:
		put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 5, call);
		load(p, AT_LOW(r->argument));
		put(p, BPF_ALU | BPF_AND | BPF_K, 0, 0, low);
		put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, low);
		break;
	case FILTER_NONE_OF:
		put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, call);
		load(p, AT_LOW(r->argument));
		put(p, BPF_JMP | BPF_JSET | BPF_K, 1, 0, low);
		break;
	}
	give(p, r->verdict);
	load(p, AT_NUMBER);
}

enum err filter_install(const struct filter *f)
{
	static struct program p;
	p.n = 0;
	load(&p, AT_ARCH);
	put(&p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, OUR_ARCH);
	give(&p, FILTER_KILL);
	load(&p, AT_NUMBER);
#if defined(__x86_64__)
	put(&p, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
	give(&p, FILTER_KILL);
#endif
	for (size_t i = 0; i < f->n; i++)
		put_rule(&p, &f->rules[i]);
	give(&p, f->otherwise);
	struct sock_fprog whole = { p.n, p.at };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ERR_SYSTEM;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole) != 0)
		return ERR_SYSTEM;
	return OK;
}
