/* vault/promises.c — looks, tells, ends. */
#include "vault/promises.h"
#include "vault/fatal.h"
#include "vault/late.h"
#include "vault/start.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX (LATE_ROWS_MAX * 112u)

static struct str told(struct arena *a, const struct late_row *rows, size_t n)
{
	struct buf b = buf_new(a, TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		char row[ID_HEX], tag[ID_HEX];
		struct id16 as_id;
		memcpy(as_id.b, rows[i].ref.tag, sizeof as_id.b);
		id_hex(rows[i].ref.row, row);
		id_hex(as_id, tag);
		buf_format(&b, "%llu %.*s %llu %.*s\n", (unsigned long long)rows[i].intent, ID_HEX, row,
		           (unsigned long long)rows[i].ref.version, ID_HEX, tag);
	}
	return buf_view(&b);
}

static bool write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);
		if (n < 0 && errno == EINTR) continue;
		if (n <= 0) return false;
		s = str_cut(s, (size_t)n, s.n);
	}
	return true;
}

int vault_promises(const struct vault_options *o)
{
	static struct vault v;
	size_t n;
	vault_shut_in(&v, o);
	struct late_row *rows = ARENA_ARRAY(v.round, struct late_row, LATE_ROWS_MAX);
	if (rows == NULL) fatal("there is no memory");
	if (late_look(&v, rows, &n) != OK) fatal("keys/late or the log cannot be read");
	return n == 0 || write_all(o->fd, told(v.round, rows, n)) ? 0 : 1;
}
