/* sys/walls_calls.c — lists of system calls: what web and vault live on, and what nobody may do.
 *
 * web, vault and reader have a list of what is allowed; anything else is refused. The parent starts programs,
 * and a filter is inherited, so it has a list of what is forbidden. */
#include "sys/walls_calls.h"
#include <asm/ioctls.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Headers older than the call itself; the number is the same on every architecture. */
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* Most frequent first: a filter is read from the top. */
static const int common[] = {
	SYS_futex, SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_recvfrom, SYS_sendto, SYS_recvmsg, SYS_sendmsg,
	SYS_pread64, SYS_pwrite64, SYS_fdatasync, SYS_fsync, SYS_clock_gettime, SYS_gettimeofday, SYS_ppoll,
	SYS_epoll_ctl, SYS_epoll_pwait, SYS_close, SYS_fcntl, SYS_lseek, SYS_openat, SYS_newfstatat, SYS_fstat,
	SYS_statx, SYS_fstatfs, SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_getrandom, SYS_rt_sigprocmask,
	SYS_rt_sigaction, SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall, SYS_exit, SYS_exit_group,
	SYS_clock_nanosleep, SYS_nanosleep, SYS_sched_yield, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid,
	SYS_geteuid, SYS_getgid, SYS_getegid, SYS_set_robust_list, SYS_get_robust_list, SYS_set_tid_address,
	SYS_rseq, SYS_membarrier, SYS_futex_waitv, SYS_ftruncate, SYS_faccessat, SYS_faccessat2, SYS_getcwd,
	SYS_readlinkat, SYS_getdents64, SYS_eventfd2, SYS_pipe2, SYS_dup, SYS_dup3, SYS_uname, SYS_sysinfo,
	SYS_getrusage, SYS_sched_getaffinity, SYS_mlock, SYS_mlock2, SYS_munlock, SYS_shutdown, SYS_getsockopt,
	SYS_setsockopt, SYS_getsockname, SYS_getpeername, SYS_pselect6, SYS_flock, SYS_sched_getparam,
	SYS_sched_getscheduler, SYS_sched_setscheduler, SYS_getcpu, SYS_fchmod, SYS_fallocate,
#if defined(__x86_64__)
	SYS_poll, SYS_epoll_wait, SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_getdents, SYS_pipe,
	SYS_dup2, SYS_select, SYS_time, SYS_arch_prctl, SYS_eventfd, SYS_alarm,
#endif
};
static const int only_web[] = { SYS_accept4, SYS_accept, SYS_epoll_create1 };
static const int only_vault[] = {
	SYS_renameat, SYS_renameat2, SYS_epoll_create1, SYS_msync,
#if defined(__x86_64__)
	SYS_rename,
#endif
};
/* Acts that no fault of ours leads to: whoever tries is not our program any more. */
static const int hostile[] = {
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_bpf, SYS_userfaultfd, SYS_perf_event_open,
	SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_init_module, SYS_finit_module,
	SYS_delete_module, SYS_kexec_load, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_swapon, SYS_swapoff,
	SYS_reboot, SYS_setns, SYS_unshare, SYS_open_by_handle_at, SYS_add_key, SYS_request_key, SYS_keyctl,
	SYS_acct, SYS_quotactl, SYS_personality, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
	SYS_pidfd_getfd, SYS_kcmp, SYS_chroot,
};
static const int starting[] = { SYS_execve, SYS_execveat };

static void add_threads(struct filter *f)
{
	/* The arguments of clone3 stand in memory, out of a filter's sight; libc then takes clone. */
	filter_add(f, (struct filter_rule){ .call = SYS_clone3, .verdict = FILTER_MISSING });
	filter_add(f, (struct filter_rule){ .call = SYS_clone, .verdict = FILTER_ALLOW, .test = FILTER_ALL_OF,
	                                    .argument = 0, .value = CLONE_THREAD | CLONE_VM });
	filter_add(f, (struct filter_rule){ .call = SYS_tgkill, .verdict = FILTER_ALLOW, .test = FILTER_EQUALS,
	                                    .argument = 0, .value = (uint64_t)getpid() });
}

static void add_memory(struct filter *f)
{
	static const int calls[] = { SYS_mmap, SYS_mprotect };
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		filter_add(f, (struct filter_rule){ .call = calls[i], .verdict = FILTER_ALLOW, .test = FILTER_NONE_OF,
		                                    .argument = 2, .value = PROT_EXEC });
}

static void add_values(struct filter *f, int call, unsigned argument, const uint64_t *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		filter_add(f, (struct filter_rule){ .call = call, .verdict = FILTER_ALLOW, .test = FILTER_EQUALS,
		                                    .argument = argument, .value = values[i] });
}

static void add_narrow(struct filter *f)
{
	static const uint64_t ioctls[] = { TCGETS, FIONBIO, FIONREAD, TIOCGWINSZ };
	static const uint64_t prctls[] = { PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_CAPBSET_READ };
	static const uint64_t self[] = { 0 };
	add_values(f, SYS_ioctl, 1, ioctls, COUNT_OF(ioctls));
	add_values(f, SYS_prctl, 0, prctls, COUNT_OF(prctls));
	add_values(f, SYS_prlimit64, 0, self, COUNT_OF(self));
}

void walls_calls(enum wall who, struct filter *f)
{
	f->n = 0;
	f->otherwise = who == WALL_PARENT ? FILTER_ALLOW : FILTER_REFUSE;
	if (who == WALL_PARENT) {
		filter_verdict_of(f, FILTER_KILL, hostile, COUNT_OF(hostile));
		return;
	}
	filter_verdict_of(f, FILTER_ALLOW, common, COUNT_OF(common));
	add_memory(f);
	add_threads(f);
	add_narrow(f);
	if (who == WALL_WEB)
		filter_verdict_of(f, FILTER_ALLOW, only_web, COUNT_OF(only_web));
	if (who == WALL_VAULT)
		filter_verdict_of(f, FILTER_ALLOW, only_vault, COUNT_OF(only_vault));
	filter_verdict_of(f, FILTER_KILL, hostile, COUNT_OF(hostile));
	filter_verdict_of(f, FILTER_KILL, starting, COUNT_OF(starting));
}
