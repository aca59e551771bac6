/* tests/unit/test_walls.c — tries every act of tests/walls.txt behind every wall, and without walls.
 *
 * Each act runs in a process of its own, because walls cannot be lowered. A process that is ended by the kernel
 * was refused. */
#include "sys/files.h"
#include "sys/walls.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77
enum { DONE = 0, REFUSED = 1, SETUP = 3 };

static char data[64] = "/tmp/avstamp-walls-XXXXXX";
static char victim_bytes[16] = "victim";
static pid_t victim;
static int open_socket = -1;
static struct sockaddr_in listening;

static struct path in_data(const char *name)
{
	struct path p;
	assert_always(path_join(data, name, &p) == OK);
	return p;
}

static bool can_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

#define OPENS(name, file, flags) \
	static bool name(void) \
	{ \
		struct path p = in_data(file); \
		return can_open(p.c, flags); \
	}
OPENS(read_database, "avstamp.db", O_RDONLY)
OPENS(write_database, "avstamp.db", O_WRONLY)
OPENS(read_log, "log/000001.avl", O_RDONLY)
OPENS(write_log, "log/000001.avl", O_WRONLY)
OPENS(read_keys, "keys/vault.key", O_RDONLY)
OPENS(write_keys, "keys/vault.key", O_WRONLY)
OPENS(read_shred, "shred/keys", O_RDONLY)
OPENS(write_shred, "shred/keys", O_WRONLY)
OPENS(read_settings, "avstamp.conf", O_RDONLY)
OPENS(make_file_in_data, "new-file", O_WRONLY | O_CREAT)
OPENS(list_data, ".", O_RDONLY | O_DIRECTORY)

static bool read_passwd(void)
{
	return can_open("/etc/passwd", O_RDONLY);
}

static bool read_home(void)
{
	return can_open("/", O_RDONLY | O_DIRECTORY);
}

static bool make_file_elsewhere(void)
{
	char path[96];
	snprintf(path, sizeof path, "%s-elsewhere", data);
	bool made = can_open(path, O_WRONLY | O_CREAT);
	unlink(path);
	return made;
}

static bool unlink_log(void)
{
	struct path p = in_data("log/000001.avl");
	return unlink(p.c) == 0;
}

static bool make_link(void)
{
	struct path p = in_data("link");
	return symlink("/etc/passwd", p.c) == 0;
}

static bool make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool make_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool connect_tcp(void)
{
	union { struct sockaddr_in in; struct sockaddr any; } to = { .in = listening };
	return connect(open_socket, &to.any, sizeof to.in) == 0;
}

static bool bind_tcp(void)
{
	union { struct sockaddr_in in; struct sockaddr any; } at = { .in = { .sin_family = AF_INET } };
	at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return bind(open_socket, &at.any, sizeof at.in) == 0;
}

static bool execute_shell(void)
{
	char name[] = "sh", option[] = "-c", text[] = "exit 0";
	char *const arguments[] = { name, option, text, NULL };
	execv("/bin/sh", arguments);
	return false;
}

static bool fork_child(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static void *nothing(void *arg)
{
	return arg;
}

static bool start_thread(void)
{
	pthread_t t;
	return pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0;
}

static bool ptrace_victim(void)
{
	return ptrace(PTRACE_SEIZE, victim, NULL, NULL) == 0;
}

static bool kill_victim(void)
{
	return kill(victim, SIGCONT) == 0;
}

static bool raise_own_signal(void)
{
	signal(SIGUSR1, SIG_IGN);
	return raise(SIGUSR1) == 0;
}

static bool read_victim_memory(void)
{
	char here[sizeof victim_bytes];
	struct iovec to = { here, sizeof here }, from = { victim_bytes, sizeof victim_bytes };
	return process_vm_readv(victim, &to, 1, &from, 1, 0) == (ssize_t)sizeof here;
}

static bool open_victim_memory(void)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/mem", (int)victim);
	return can_open(path, O_RDONLY);
}

static bool map_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool map_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool io_uring(void)
{
	static char parameters[120];
	return syscall(SYS_io_uring_setup, 1, parameters) >= 0;
}

static bool load_bpf(void)
{
	union bpf_attr a;
	memset(&a, 0, sizeof a);
	a.map_type = BPF_MAP_TYPE_ARRAY;
	a.key_size = 4;
	a.value_size = 4;
	a.max_entries = 1;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof a) >= 0;
}

static bool mount_something(void)
{
	/* Only a change of flags, so that the control leaves the machine as it was. */
	return mount(NULL, "/", NULL, MS_PRIVATE, NULL) == 0;
}

static bool new_namespace(void)
{
	return unshare(CLONE_NEWUTS) == 0;
}

static bool change_root(void)
{
	return chroot(data) == 0;
}

static bool dump_core(void)
{
	struct rlimit r;
	return getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_cur > 0;
}

static const struct { const char *name; bool (*act)(void); } acts[] = {
#define ACT(name) { #name, name }
	ACT(read_passwd), ACT(read_home), ACT(read_database), ACT(write_database), ACT(read_log), ACT(write_log),
	ACT(unlink_log), ACT(read_keys), ACT(write_keys), ACT(read_shred), ACT(write_shred), ACT(read_settings),
	ACT(make_file_in_data), ACT(make_file_elsewhere), ACT(list_data), ACT(make_link), ACT(make_socket),
	ACT(make_unix_socket), ACT(connect_tcp), ACT(bind_tcp), ACT(execute_shell), ACT(fork_child),
	ACT(start_thread), ACT(ptrace_victim), ACT(kill_victim), ACT(raise_own_signal), ACT(read_victim_memory),
	ACT(open_victim_memory), ACT(map_memory), ACT(map_executable), ACT(make_executable), ACT(io_uring),
	ACT(load_bpf), ACT(mount_something), ACT(new_namespace), ACT(change_root), ACT(dump_core),
};

static void fill_data(void)
{
	static const char *const directories[] = { "log", "keys", "shred" };
	static const char *const files[] = { "avstamp.db", "avstamp.db-wal", "avstamp.db-shm", "log/000001.avl",
	                                     "keys/vault.key", "shred/keys", "avstamp.conf" };
	assert_always(mkdtemp(data) != NULL);
	for (size_t i = 0; i < COUNT_OF(directories); i++) {
		struct path p = in_data(directories[i]);
		assert_always(directory_make(p.c, 0700) == OK);
	}
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct path p = in_data(files[i]);
		assert_always(file_create(p.c, STR("x"), 0600) == OK);
	}
}

/* What an act made or removed is put back for the next one. */
static void mend_data(void)
{
	static const char *const made[] = { "new-file", "link" };
	for (size_t i = 0; i < COUNT_OF(made); i++) {
		struct path p = in_data(made[i]);
		unlink(p.c);
	}
	struct path log = in_data("log/000001.avl");
	if (!file_exists(log.c))
		assert_always(file_create(log.c, STR("x"), 0600) == OK);
}

static void empty_data(void)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", data);
	pid_t pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void start_victim(void)
{
	victim = fork();
	assert_always(victim >= 0);
	while (victim == 0)
		pause();
}

static void open_sockets(void)
{
	union { struct sockaddr_in in; struct sockaddr any; } at = { .in = { .sin_family = AF_INET } };
	at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_always(fd >= 0 && bind(fd, &at.any, sizeof at.in) == 0 && listen(fd, 8) == 0);
	assert_always(getsockname(fd, &at.any, &n) == 0);
	listening = at.in;
}

static bool is_refused(bool (*act)(void), enum wall who, enum wall_mode mode, bool *ret_setup)
{
	pid_t pid = fork();
	assert_always(pid >= 0);
	if (pid == 0) {
		static const char *const programs[] = { "/bin/sh", NULL };
		struct wall_options o = { .who = who, .mode = mode, .directory = data, .programs = programs };
		struct wall_report r;
		struct rlimit core = { RLIM_INFINITY, RLIM_INFINITY };
		setrlimit(RLIMIT_CORE, &core);
		open_socket = socket(AF_INET, SOCK_STREAM, 0);
		if (walls_raise(&o, &r) != OK)
			_exit(SETUP);
		_exit(act() ? DONE : REFUSED);
	}
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*ret_setup = WIFEXITED(status) && WEXITSTATUS(status) == SETUP;
	return !(WIFEXITED(status) && WEXITSTATUS(status) == DONE);
}

struct tally { int passed, failed, skipped; };

static void try_act(struct tally *t, const char *name, bool (*act)(void), const char *const yes_no[WALL_COUNT])
{
	bool setup = false;
	bool impossible = is_refused(act, WALL_WEB, WALLS_OFF, &setup);
	mend_data();
	if (impossible) {
		/* This machine itself forbids the act, so nothing would be shown by a wall's no. */
		printf("skipped %s: refused without walls too\n", name);
		t->skipped++;
		return;
	}
	for (int w = 0; w < WALL_COUNT; w++) {
		bool refused = is_refused(act, (enum wall)w, WALLS_STRICT, &setup);
		mend_data();
		bool wanted = strcmp(yes_no[w], "no") == 0;
		bool right = !setup && refused == wanted && (wanted || strcmp(yes_no[w], "yes") == 0);
		if (!right)
			printf("FAILED %s in %s: %s, the table says %s\n", name, wall_name((enum wall)w),
			       setup ? "no wall" : refused ? "no" : "yes", yes_no[w]);
		t->passed += right;
		t->failed += !right;
	}
}

static void read_line(struct tally *t, char *line, bool *seen)
{
	char name[40], cells[WALL_COUNT][8];
	int n = sscanf(line, "%39s %7s %7s %7s %7s", name, cells[0], cells[1], cells[2], cells[3]);
	if (n <= 0 || name[0] == '#')
		return;
	const char *const yes_no[WALL_COUNT] = { cells[0], cells[1], cells[2], cells[3] };
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		if (n == 1 + WALL_COUNT && strcmp(acts[i].name, name) == 0) {
			seen[i] = true;
			try_act(t, name, acts[i].act, yes_no);
			return;
		}
	}
	printf("FAILED unreadable line: %s", line);
	t->failed++;
}

int main(int argc, char **argv)
{
	FILE *table = argc == 2 ? fopen(argv[1], "r") : NULL;
	if (!table) {
		fprintf(stderr, "usage: test_walls tests/walls.txt\n");
		return 2;
	}
	if (walls_landlock_version() < 1) {
		printf("skipped: the kernel has no Landlock\n");
		return SKIPPED;
	}
	assert_always(setenv("AVSTAMP_COVERAGE_WALLS", "1", 1) == 0); /* read by builds that count lines */
	setvbuf(stdout, NULL, _IOLBF, 0);
	fill_data();
	open_sockets();
	start_victim();
	struct tally t = { 0 };
	bool seen[COUNT_OF(acts)] = { false };
	char line[256];
	while (fgets(line, sizeof line, table))
		read_line(&t, line, seen);
	fclose(table);
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		if (!seen[i]) {
			printf("FAILED %s is not in the table\n", acts[i].name);
			t.failed++;
		}
	}
	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	empty_data();
	printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped);
	return t.failed > 0;
}
