/* tests/faults/cut_disk.c — the disk after a power cut. */
#include "cut_disk.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 8 << 20, PENDING_MAX = 1 << 16, NAMES_MAX = 64, SECTOR = 512 };

/* What lies on the disk for certain, and what is under way. A deleted file keeps its body: the name may come back. */
struct body {
	uint8_t *bytes;
	size_t n;
	const struct op *pending[PENDING_MAX];
	size_t n_pending;
};
struct disk {
	const struct op *ops;
	size_t n_ops, at;
	uint64_t random;
	struct body bodies[FILE_COUNT];
	bool named[FILE_COUNT];              /* for certain */
	const struct op *names[NAMES_MAX];   /* made and deleted since the directory's last sync */
	size_t n_names;
	uint8_t *scratch;
	size_t n_scratch;
};

static const char *const suffix[FILE_COUNT] = { "avstamp.db", "avstamp.db-journal", "avstamp.db-wal" };

uint64_t disk_random(struct disk *d)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return d->random * 0x2545f4914f6cdd1dULL;
}

static size_t below(struct disk *d, size_t n)
{
	return (size_t)((disk_random(d) >> 16) % n);
}

struct disk *disk_new(struct arena *a, const struct op *ops, size_t n, uint64_t seed)
{
	struct disk *d = ARENA_NEW(a, struct disk);
	assert_always(d);
	d->ops = ops;
	d->n_ops = n;
	d->random = seed * 2 + 1;
	d->named[FILE_MAIN] = true;
	for (int i = 0; i < FILE_COUNT; i++)
		assert_always((d->bodies[i].bytes = arena_take(a, FILE_MAX)));
	assert_always((d->scratch = arena_take(a, FILE_MAX)));
	return d;
}

static void set_length(uint8_t *bytes, size_t *n, size_t to)
{
	assert_always(to <= FILE_MAX);
	if (to > *n)
		memset(bytes + *n, 0, to - *n);
	*n = to;
}

static void apply(uint8_t *bytes, size_t *n, const struct op *op)
{
	if (op->kind == OP_TRUNCATE) {
		set_length(bytes, n, (size_t)op->offset);
		return;
	}
	if (op->offset + op->n > *n)
		set_length(bytes, n, (size_t)op->offset + op->n);
	memcpy(bytes + op->offset, op->bytes, op->n);
}

static void settle(struct body *b)
{
	for (size_t i = 0; i < b->n_pending; i++)
		apply(b->bytes, &b->n, b->pending[i]);
	b->n_pending = 0;
}

static void settle_names(struct disk *d)
{
	for (size_t i = 0; i < d->n_names; i++)
		d->named[d->names[i]->file] = d->names[i]->kind == OP_CREATE;
	d->n_names = 0;
}

static void play(struct disk *d, const struct op *op)
{
	struct body *b = &d->bodies[op->file];
	switch (op->kind) {
	case OP_CREATE:
		/* A new file under an old name: the old body is gone once the new one exists. */
		b->n = b->n_pending = 0;
		assert_always(d->n_names < NAMES_MAX);
		d->names[d->n_names++] = op;
		break;
	case OP_WRITE: case OP_TRUNCATE:
		assert_always(b->n_pending < PENDING_MAX);
		b->pending[b->n_pending++] = op;
		break;
	case OP_SYNC:
		settle(b);
		break;
	case OP_DELETE:
		assert_always(d->n_names < NAMES_MAX);
		d->names[d->n_names++] = op;
		break;
	case OP_SYNC_DIRECTORY:
		settle_names(d);
		break;
	case OP_ACK:
		break;
	}
}

void disk_play(struct disk *d, size_t at)
{
	assert_always(at >= d->at && at <= d->n_ops);
	while (d->at < at)
		play(d, &d->ops[d->at++]);
}

/* ---- chance ---- */

enum mood { MOOD_NOTHING, MOOD_EVERYTHING, MOOD_FIRST, MOOD_ANY, MOOD_COUNT };

static void apply_torn(struct disk *d, const struct op *op, bool garbage)
{
	size_t from = (size_t)op->offset, end = from + op->n;
	while (from < end) {
		size_t to = (from / SECTOR + 1) * SECTOR;
		to = to < end ? to : end;
		if (below(d, 2)) {
			if (to > d->n_scratch)
				set_length(d->scratch, &d->n_scratch, to);
			for (size_t i = from; i < to; i++)
				d->scratch[i] = garbage ? (uint8_t)disk_random(d) : op->bytes[i - op->offset];
		}
		from = to;
	}
}

static void apply_by_chance(struct disk *d, const struct op *op)
{
	size_t dice = below(d, 20);
	if (dice < 9)
		apply(d->scratch, &d->n_scratch, op);
	else if (dice < 15 || op->kind == OP_TRUNCATE)
		return;
	else
		apply_torn(d, op, dice == 19);
}

static void make_body(struct disk *d, const struct body *b)
{
	enum mood mood = (enum mood)below(d, MOOD_COUNT);
	size_t first = b->n_pending ? below(d, b->n_pending + 1) : 0;
	memcpy(d->scratch, b->bytes, b->n);
	d->n_scratch = b->n;
	for (size_t i = 0; i < b->n_pending; i++) {
		if (mood == MOOD_EVERYTHING || (mood == MOOD_FIRST && i < first))
			apply(d->scratch, &d->n_scratch, b->pending[i]);
		else if (mood == MOOD_ANY)
			apply_by_chance(d, b->pending[i]);
	}
}

static void write_file(struct disk *d, const char *directory, int file)
{
	char path[256];
	size_t done = 0;
	int fd;
	assert_always(snprintf(path, sizeof path, "%s/%s", directory, suffix[file]) < (int)sizeof path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_always(fd >= 0);
	while (done < d->n_scratch) {
		ssize_t n = write(fd, d->scratch + done, d->n_scratch - done);
		assert_always(n > 0);
		done += (size_t)n;
	}
	assert_always(close(fd) == 0);
}

void disk_image(struct disk *d, const char *directory)
{
	bool named[FILE_COUNT];
	/* None of the names under way, all of them, or the first few. */
	size_t names = below(d, 3) == 0 ? 0 : below(d, 2) ? d->n_names : below(d, d->n_names + 1);
	memcpy(named, d->named, sizeof named);
	for (size_t i = 0; i < names; i++)
		named[d->names[i]->file] = d->names[i]->kind == OP_CREATE;
	for (int i = 0; i < FILE_COUNT; i++) {
		char path[256];
		if (named[i]) {
			make_body(d, &d->bodies[i]);
			write_file(d, directory, i);
			continue;
		}
		assert_always(snprintf(path, sizeof path, "%s/%s", directory, suffix[i]) < (int)sizeof path);
		(void)unlink(path);
	}
}
