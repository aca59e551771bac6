/* crypto/log_writer.c — appends to the log, flushes it, signs its checkpoints. */
#include "crypto/log_writer_i.h"
#include <string.h>
#include <unistd.h>

static bool record_fits(const struct log_new *e)
{
	return e->n_rows <= LOG_ROWS_MAX && e->clear_body.n <= LOG_BODY_MAX && !(e->seal != NULL && e->clear_body.p != NULL);
}

static void rows_to_bytes(const struct log_new *e, uint8_t *out)
{
	for (size_t i = 0; i < e->n_rows; i++)
		log_row_bytes(&e->rows[i], out + i * LOG_ROW_BYTES);
}

/* The record of an entry into the buffer; the tree grows by its leaf. */
static void record_put(struct log *l, const struct log_entry *entry, struct str body)
{
	size_t clear_n = log_entry_size(entry), total = LOG_RECORD_HEAD + clear_n + body.n + LOG_RECORD_TAIL;
	assert_always(l->buffer_n + total <= LOG_BUFFER);
	uint8_t *at = l->buffer + l->buffer_n, *clear = at + LOG_RECORD_HEAD;
	log_entry_bytes(entry, clear);
	struct tree_hash leaf = tree_leaf((struct str){ (const char *)clear, clear_n });
	struct buf b = buf_over(at, LOG_RECORD_HEAD);
	buf_u32(&b, (uint32_t)clear_n);
	buf_u32(&b, (uint32_t)body.n);
	buf_add(&b, leaf.b, LOG_RECORD_CHECK);
	if (body.n > 0)
		memcpy(clear + clear_n, body.p, body.n);
	b = buf_over(clear + clear_n + body.n, LOG_RECORD_TAIL);
	buf_u32(&b, (uint32_t)total);
	tree_add(&l->tree, leaf);
	l->buffer_n += total;
	l->time_us = entry->time_us;
	log_intent_note(l, entry);
}

static enum err append_with(struct log *l, const struct log_new *e, struct interval *sealing, uint64_t key_seq, uint64_t *ret_seq)
{
	struct str body = e->clear_body;
	enum err bad;
	struct log_entry entry = { .class = e->class, .outcome = e->outcome, .seq = l->tree.size, .mono_ns = e->mono_ns,
		                   .time_us = e->time_us < l->time_us ? l->time_us : e->time_us, .boot = l->boot, .node = l->node,
		                   .ref_seq = e->ref_seq, .durable = l->durable, .n_rows = (uint32_t)e->n_rows, .key_seq = key_seq };
	if (e->outcome == LOG_INTENT && l->n_intents == LOG_INTENTS_MAX)
		return ERR_BUSY;
	uint8_t *rows = arena_take(l->scratch, e->n_rows * LOG_ROW_BYTES + 1);
	if (rows == NULL)
		return ERR_FULL;
	rows_to_bytes(e, rows);
	entry.rows = rows;
	if (sealing != NULL && (bad = log_body_encrypt(l, &entry, sealing, e->seal->body, &body)) != OK)
		return bad;
	entry.body = sealing != NULL ? LOG_BODY_SEALED : body.n > 0 ? LOG_BODY_CLEAR : LOG_BODY_NONE;
	entry.body_n = (uint32_t)body.n;
	if (body.n > 0)
		log_body_hash(body, entry.body_hash);
	size_t total = LOG_RECORD_HEAD + log_entry_size(&entry) + body.n + LOG_RECORD_TAIL;
	if ((bad = log_room(l, total, e->urgent)) != OK)
		return bad;
	entry.durable = l->durable; /* making room may have flushed */
	record_put(l, &entry, body);
	if (sealing != NULL)
		sealing->used++;
	*ret_seq = entry.seq;
	return OK;
}

enum err log_append(struct log *l, const struct log_new *e, uint64_t *ret_seq)
{
	struct interval *sealing = NULL;
	uint64_t key_seq = 0;
	enum err bad;
	assert_always(e->time_us >= 0);
	if (!record_fits(e))
		return ERR_TOO_LARGE;
	if (e->seal != NULL && (bad = log_body_seal(l, e, &key_seq, &sealing)) != OK)
		return bad;
	bad = append_with(l, e, sealing, key_seq, ret_seq);
	arena_reset(l->scratch);
	return bad;
}

void log_flush(struct log *l)
{
	if (l->buffer_n == 0)
		return;
	assert_always(file_write_at(l->fd, l->buffer, l->buffer_n, l->written) == OK);
	assert_always(fdatasync(l->fd) == 0);
	l->written += l->buffer_n;
	l->buffer_n = 0;
	l->durable = l->tree.size;
}

uint64_t log_size(const struct log *l)
{
	return l->tree.size;
}

uint64_t log_durable(const struct log *l)
{
	return l->durable;
}

uint64_t log_covered(const struct log *l)
{
	return l->covered;
}

int64_t log_newest_time(const struct log *l)
{
	return l->time_us;
}

bool log_checkpoint_due(const struct log *l, uint64_t mono_ns)
{
	return l->tree.size > l->covered && (l->tree.size - l->covered >= LOG_INTERVAL_ENTRIES ||
	                                     mono_ns - l->covered_mono_ns >= LOG_INTERVAL_NS);
}

/* Nothing depends on it: a start without it reads more. */
static void state_write(struct log *l)
{
	struct log_state s = { .tree = l->tree, .segment = l->segment, .offset = l->written, .time_us = l->time_us,
		               .intents = l->intents, .n_intents = l->n_intents };
	struct str bytes = log_state_bytes(l->scratch, &s);
	if (bytes.p == NULL || file_write_soon(l->dir_fd, LOG_STATE_NAME, bytes) != OK)
		unlinkat(l->dir_fd, LOG_STATE_NAME, 0);
}

static enum err checkpoint_write(struct log *l, uint64_t mono_ns)
{
	struct checkpoint c = { .size = l->tree.size, .root = tree_root(&l->tree) };
	uint8_t signature[64];
	enum err e;
	memcpy(c.origin, l->origin, sizeof(c.origin));
	struct str body = checkpoint_body(l->scratch, &c);
	if (body.p == NULL)
		return ERR_FULL;
	struct signer s = { .seed = l->sign };
	signer_sign(&s, body, signature);
	struct str note = checkpoint_note(l->scratch, &c, l->public, signature);
	if (note.p == NULL || note.n > sizeof(l->note))
		return ERR_FULL;
	if ((e = log_checkpoints_append(l, note)) != OK)
		return e;
	/* Should the name go back in a power cut, log/checkpoints still has the newest. */
	if ((e = file_write_whole(l->dir_fd, "checkpoint", note)) != OK)
		return e;
	memcpy(l->note, note.p, note.n);
	l->note_n = note.n;
	l->covered = c.size;
	l->covered_mono_ns = mono_ns;
	return OK;
}

enum err log_checkpoint(struct log *l, uint64_t mono_ns, struct str *ret_note)
{
	log_flush(l);
	log_intervals_wipe(l);
	enum err e = checkpoint_write(l, mono_ns);
	if (e == OK) {
		state_write(l);
		*ret_note = log_note(l);
	}
	arena_reset(l->scratch);
	return e;
}

struct str log_note(const struct log *l)
{
	return (struct str){ l->note, l->note_n };
}

const uint64_t *log_open_intents(const struct log *l, size_t *ret_n)
{
	*ret_n = l->n_intents;
	return l->intents;
}

uint64_t log_cut_bytes(const struct log *l)
{
	return l->cut;
}

void log_end_place(const struct log *l, uint32_t *ret_segment, uint64_t *ret_offset)
{
	*ret_segment = l->segment;
	*ret_offset = l->written;
}

enum err log_restored(struct log *l, uint64_t size, int64_t time_us, uint64_t mono_ns, struct str clear_body, uint64_t *ret_seq)
{
	struct log_new n = { .class = LOG_RESTORE, .time_us = time_us, .mono_ns = mono_ns, .ref_seq = size, .clear_body = clear_body };
	enum err e;
	if (size > l->tree.size)
		return ERR_INVALID;
	log_flush(l);
	/* The entry itself finds the intents again (log_intent_note), so that a replay does the same. */
	if ((e = log_append(l, &n, ret_seq)) != OK)
		return e;
	log_flush(l);
	return OK;
}
