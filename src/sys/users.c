/* sys/users.c — looks up, hands over, becomes. */
#include "sys/users.h"
#include "sys/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_BYTES 2048

static enum err find_one(const char *name, uid_t *ret_user, gid_t *ret_group)
{
	char bytes[RECORD_BYTES];
	struct passwd record, *found = NULL;
	if (getpwnam_r(name, &record, bytes, sizeof bytes, &found) != 0 || !found)
		return ERR_NOT_FOUND;
	*ret_user = found->pw_uid;
	*ret_group = found->pw_gid;
	return OK;
}

enum err users_find(const char *web, const char *vault, struct users *ret)
{
	struct users u;
	enum err e;
	if ((e = find_one(web, &u.web, &u.web_group)) != OK || (e = find_one(vault, &u.vault, &u.vault_group)) != OK)
		return e;
	if (u.web == u.vault || u.web == 0 || u.vault == 0)
		return ERR_INVALID;
	*ret = u;
	return OK;
}

/* What is no plain file or directory of this very place is left alone: a link could lead anywhere. */
static enum err give(int at, const char *name, uid_t user, gid_t group)
{
	struct stat s;
	if (fstatat(at, name, &s, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? OK : err_of_errno();
	if ((!S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode)) || (s.st_uid == user && s.st_gid == group))
		return OK;
	return fchownat(at, name, user, group, AT_SYMLINK_NOFOLLOW) == 0 ? OK : err_of_errno();
}

static enum err give_folder(int at, const char *name, uid_t user, gid_t group)
{
	enum err e = give(at, name, user, group);
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *all = fd < 0 ? NULL : fdopendir(fd);
	if (!all) {
		if (fd >= 0)
			(void)close(fd);
		return e != OK ? e : err_of_errno();
	}
	for (struct dirent *one; e == OK && (one = readdir(all));)
		if (one->d_name[0] != '.')
			e = give(fd, one->d_name, user, group);
	(void)closedir(all);
	return e;
}

enum err users_settle(const char *directory, const struct users *u)
{
	static const char *const of_vault[] = { "keys", "shred", "log" };
	static const char *const of_web[] = { "avstamp.db", "avstamp.db-wal", "avstamp.db-shm" };
	_cleanup_(fd_closep) int at = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e = at < 0 ? err_of_errno() : OK;
	for (size_t i = 0; e == OK && i < COUNT_OF(of_vault); i++)
		e = give_folder(at, of_vault[i], u->vault, u->vault_group);
	for (size_t i = 0; e == OK && i < COUNT_OF(of_web); i++)
		e = give(at, of_web[i], u->web, u->web_group);
	if (e != OK)
		return e;
	/* The way in comes last: until then nobody but root can reach any of it. */
	bool open_way = fchownat(at, "run", 0, u->web_group, AT_SYMLINK_NOFOLLOW) == 0 && fchmodat(at, "run", 0710, 0) == 0 &&
	                fchown(at, 0, u->web_group) == 0 && fchmod(at, 0710) == 0;
	return open_way ? OK : err_of_errno();
}

enum err users_become_owner(const char *directory, const char *name)
{
	struct path p;
	struct stat owned, way;
	enum err e;
	if (geteuid() != 0)
		return OK;
	if ((e = path_join(directory, name, &p)) != OK)
		return e;
	if (lstat(p.c, &owned) != 0)
		return errno == ENOENT ? OK : ERR_SYSTEM; /* not made yet: whoever makes it owns it */
	if (owned.st_uid == 0)
		return OK;
	if (stat(directory, &way) != 0)
		return ERR_SYSTEM;
	pid_t parent = getppid();
	/* Root's group would be more than a way. */
	size_t n = way.st_gid != 0;
	if (setgroups(n, &way.st_gid) != 0 || setresgid(owned.st_gid, owned.st_gid, owned.st_gid) != 0 ||
	    setresuid(owned.st_uid, owned.st_uid, owned.st_uid) != 0 || setresuid((uid_t)-1, 0, (uid_t)-1) == 0)
		return ERR_SYSTEM;
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent ? OK : ERR_SYSTEM;
}
