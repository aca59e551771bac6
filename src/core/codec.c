/* core/codec.c — events as `name:length:value` lines, out and in (DECISIONS 17).
 *
 * Order of lines: noted, author, seq (only there, only once, never from a form), then event and the other words
 * about the event, then one line for each field that is set. Lines this program does not know are passed over. */
#include "core/core.h"
#include "core/record.h"
#include <string.h>

#define EVENT_CEILING (192u * 1024u)

/* ---- out ----------------------------------------------------------------------------------------------------- */

static void put_line(struct buf *b, struct str name, struct str value)
{
	buf_str(b, name);
	buf_char(b, ':');
	buf_i64(b, (int64_t)value.n);
	buf_char(b, ':');
	buf_str(b, value);
	buf_char(b, '\n');
}

static void put_day(struct buf *b, struct str name, struct day d)
{
	char text[16];
	struct buf t = buf_over(text, sizeof text);
	struct civil c = day_civil(d);
	buf_format(&t, "%04d-%02d-%02d", c.year, c.month, c.day);
	put_line(b, name, buf_view(&t));
}

static void put_id(struct buf *b, struct str name, struct id16 id)
{
	char hex[ID_HEX];
	id_hex(id, hex);
	put_line(b, name, (struct str){ hex, ID_HEX });
}

static void put_choice(struct buf *b, const struct field_row *f, struct str name, unsigned number)
{
	const struct choice *c = choice_by_number(f->list, number);
	if (c) put_line(b, name, str_c(c->code));
}

static void put_choices(struct buf *b, const struct field_row *f, struct str name, uint64_t bits)
{
	char text[1024];
	struct buf t = buf_over(text, sizeof text);
	for (size_t i = 0; i < f->list->n; i++) {
		if (!(bits & (UINT64_C(1) << f->list->rows[i].number))) continue;
		if (buf_view(&t).n > 0) buf_char(&t, ' ');
		buf_str(&t, str_c(f->list->rows[i].code));
	}
	put_line(b, name, buf_view(&t));
}

static void put_person(struct buf *b, struct str name, struct person p)
{
	char hex[ID_HEX], text[600];
	struct buf t = buf_over(text, sizeof text);
	id_hex(p.id, hex);
	if (id_is_zero(p.id)) buf_char(&t, '-');
	else buf_add(&t, hex, ID_HEX);
	buf_char(&t, ' ');
	buf_str(&t, p.name);
	put_line(b, name, buf_view(&t));
}

static void put_field(struct arena *a, struct buf *b, const struct field_row *f, const void *data)
{
	struct str name = str_c(f->name);
	struct hash32 h;
	struct entry_ref r;
	char text[40];
	struct buf t = buf_over(text, sizeof text);
	if (!field_is_set(f, data)) return;
	switch (f->type) {
	case FIELD_LINE: case FIELD_TEXT: case FIELD_NUMBER12: put_line(b, name, field_str(f, data)); break;
	case FIELD_CHOICE: case FIELD_YESNO: put_choice(b, f, name, field_choice(f, data)); break;
	case FIELD_CHOICES: put_choices(b, f, name, field_choices(f, data)); break;
	case FIELD_DAY: put_day(b, name, field_day(f, data)); break;
	case FIELD_MOMENT: put_line(b, name, instant_iso(a, field_moment(f, data))); break;
	case FIELD_NUMBER: buf_i64(&t, field_number(f, data)); put_line(b, name, buf_view(&t)); break;
	case FIELD_PERSON: put_person(b, name, field_person(f, data)); break;
	case FIELD_PICK: case FIELD_ID: put_id(b, name, field_id(f, data)); break;
	case FIELD_HASH: h = field_hash(f, data); put_line(b, name, hash_hex(a, &h)); break;
	case FIELD_ENTRY:
		r = field_entry(f, data);
		buf_format(&t, "%u.%llu", r.compartment, (unsigned long long)r.seq);
		put_line(b, name, buf_view(&t));
		break;
	}
}

/* What the vault stamped: only for events that were stored, in snapshots. */
static void put_stamp(struct arena *a, struct buf *b, const struct event *e)
{
	char text[24];
	struct buf t = buf_over(text, sizeof text);
	if (instant_is_set(e->noted)) put_line(b, STR("noted"), instant_iso(a, e->noted));
	if (!id_is_zero(e->author)) put_id(b, STR("author"), e->author);
	if (e->author_name.n > 0) put_line(b, STR("author_name"), e->author_name);
	if (e->author_title.n > 0) put_line(b, STR("author_title"), e->author_title);
	if (e->seq == 0) return;
	buf_i64(&t, (int64_t)e->seq);
	put_line(b, STR("seq"), buf_view(&t));
}

struct str event_encode(struct arena *a, const struct event *e)
{
	struct buf b = buf_new(a, EVENT_CEILING);
	const struct record_row *r = event_row(e->kind);
	put_stamp(a, &b, e);
	if (!r) {
		if (e->data) buf_str(&b, *(const struct str *)e->data);
		return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
	}
	put_line(&b, STR("event"), str_c(r->name));
	if (instant_is_set(e->happened)) put_line(&b, STR("happened"), instant_iso(a, e->happened));
	const struct choice *source = choice_by_number(&list_source_class, e->source);
	if (source) put_line(&b, STR("source_class"), str_c(source->code));
	for (size_t i = 0; i < r->n_fields; i++) put_field(a, &b, &r->fields[i], e->data);
	return buf_is_full(&b) ? STR_UNSET : buf_view(&b);
}

/* ---- in ------------------------------------------------------------------------------------------------------- */

struct line { struct str name, value; };

/* One line off the front of *rest. ERR_CORRUPT for anything else than name:length:value and a line end. */
static enum err take_line(struct str *rest, struct line *ret)
{
	size_t i = 0, n = 0, digits = 0;
	struct str s = *rest;
	while (i < s.n && i < 64 && s.p[i] != ':') i++;
	if (i == 0 || i >= s.n || s.p[i] != ':') return ERR_CORRUPT;
	struct str name = { s.p, i };
	for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && digits < 7; i++, digits++)
		n = n * 10 + (size_t)(s.p[i] - '0');
	if (digits == 0 || i >= s.n || s.p[i] != ':') return ERR_CORRUPT;
	if (digits > 1 && s.p[i - digits] == '0') return ERR_CORRUPT;
	i++;
	if (n >= s.n - i || s.p[i + n] != '\n') return ERR_CORRUPT;
	*ret = (struct line){ name, { s.p + i, n } };
	*rest = str_cut(s, i + n + 1, s.n);
	return OK;
}

static enum err parse_i64(struct str s, int64_t *ret)
{
	int64_t v = 0;
	bool minus = s.n > 1 && s.p[0] == '-';
	size_t i = minus ? 1 : 0;
	if (s.n == i || s.n - i > 18) return ERR_CORRUPT;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9') return ERR_CORRUPT;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = minus ? -v : v;
	return OK;
}

static enum err parse_hash(struct str s, struct hash32 *ret)
{
	struct id16 low, high;
	if (s.n != 64 || id_parse(str_cut(s, 0, 32), &low) != OK || id_parse(str_cut(s, 32, 64), &high) != OK)
		return ERR_CORRUPT;
	memcpy(ret->b, low.b, 16);
	memcpy(ret->b + 16, high.b, 16);
	return OK;
}

static enum err parse_person(struct str s, struct person *ret)
{
	struct person p = { .name = STR_UNSET };
	if (s.n >= 2 && s.p[0] == '-' && s.p[1] == ' ') {
		p.name = str_cut(s, 2, s.n);
	} else {
		if (s.n < ID_HEX + 1 || s.p[ID_HEX] != ' ' || id_parse(str_cut(s, 0, ID_HEX), &p.id) != OK) return ERR_CORRUPT;
		p.name = str_cut(s, ID_HEX + 1, s.n);
	}
	*ret = p;
	return OK;
}

static enum err parse_entry(struct str s, struct entry_ref *ret)
{
	int64_t compartment, seq;
	size_t dot = str_find(s, '.');
	if (dot >= s.n || parse_i64(str_cut(s, 0, dot), &compartment) != OK ||
	    parse_i64(str_cut(s, dot + 1, s.n), &seq) != OK || compartment < 0 || compartment > 31 || seq < 1)
		return ERR_CORRUPT;
	*ret = (struct entry_ref){ (uint16_t)compartment, (uint64_t)seq };
	return OK;
}

/* A code that this program does not know stays "not chosen": a newer program wrote it. */
static void get_choices(const struct field_row *f, void *data, struct str s)
{
	uint64_t bits = 0;
	while (s.n > 0) {
		size_t end = str_find(s, ' ');
		const struct choice *c = choice_by_code(f->list, str_cut(s, 0, end));
		if (c) bits |= UINT64_C(1) << c->number;
		s = str_cut(s, end < s.n ? end + 1 : s.n, s.n);
	}
	field_put(f, data, &bits);
}

static enum err get_field(const struct field_row *f, void *data, struct str s)
{
	union {
		struct day day; struct instant moment; struct id16 id; struct hash32 hash; struct person person;
		struct entry_ref entry; int64_t number; unsigned choice;
	} v;
	enum err e = OK;
	const struct choice *c;
	switch (f->type) {
	case FIELD_LINE: case FIELD_TEXT: case FIELD_NUMBER12: field_put(f, data, &s); return OK;
	case FIELD_CHOICES: get_choices(f, data, s); return OK;
	case FIELD_CHOICE: case FIELD_YESNO:
		c = choice_by_code(f->list, s);
		v.choice = c ? c->number : 0;
		break;
	case FIELD_DAY: e = day_parse_iso(s, &v.day); break;
	case FIELD_MOMENT: e = instant_parse_iso(s, &v.moment); break;
	case FIELD_NUMBER: e = parse_i64(s, &v.number); break;
	case FIELD_PERSON: e = parse_person(s, &v.person); break;
	case FIELD_PICK: case FIELD_ID: e = id_parse(s, &v.id); break;
	case FIELD_HASH: e = parse_hash(s, &v.hash); break;
	case FIELD_ENTRY: e = parse_entry(s, &v.entry); break;
	}
	if (e != OK) return ERR_CORRUPT;
	field_put(f, data, &v);
	return OK;
}

/* Names are compared by length first: nearly every comparison ends there. */
static bool is_word(struct str s, const char *word, size_t n)
{
	return s.n == n && memcmp(s.p, word, n) == 0;
}
#define IS(s, literal) is_word((s), "" literal "", sizeof(literal) - 1)

static enum err get_seq(struct event *e, struct str s)
{
	int64_t seq;
	if (parse_i64(s, &seq) != OK || seq < 1) return ERR_CORRUPT;
	e->seq = (uint64_t)seq;
	return OK;
}

/* Takes the lines of the stamp, each at most once and in their order, and the first line after them. */
static enum err get_stamp(struct str *rest, struct event *e, struct str *ret_raw, struct line *ret_first)
{
	enum err err = OK;
	enum { NOTED, AUTHOR, NAME, TITLE, SEQ, REST } next = NOTED;
	for (;;) {
		*ret_raw = *rest;
		if ((err = take_line(rest, ret_first)) != OK) return err;
		struct str name = ret_first->name, value = ret_first->value;
		if (next <= NOTED && IS(name, "noted")) {
			next = AUTHOR;
			if (instant_parse_iso(value, &e->noted) != OK) return ERR_CORRUPT;
		} else if (next <= AUTHOR && IS(name, "author")) {
			next = NAME;
			if (id_parse(value, &e->author) != OK) return ERR_CORRUPT;
		} else if (next <= NAME && IS(name, "author_name")) {
			next = TITLE;
			e->author_name = value;
		} else if (next <= TITLE && IS(name, "author_title")) {
			next = SEQ;
			e->author_title = value;
		} else if (next <= SEQ && IS(name, "seq")) {
			next = REST;
			if (get_seq(e, value) != OK) return ERR_CORRUPT;
		} else {
			return OK;
		}
	}
}

/* The words about the event itself; *ret_taken says whether the line was one of them. */
static enum err get_word(struct event *e, const struct line *l, bool *ret_taken)
{
	const struct choice *c;
	*ret_taken = true;
	if (IS(l->name, "happened")) return instant_parse_iso(l->value, &e->happened) == OK ? OK : ERR_CORRUPT;
	else if (IS(l->name, "source_class")) {
		c = choice_by_code(&list_source_class, l->value);
		e->source = c ? (enum source_class)c->number : SOURCE_NONE;
	} else if (IS(l->name, "noted") || IS(l->name, "author") || IS(l->name, "author_name") || IS(l->name, "author_title") ||
	           IS(l->name, "seq")) return ERR_CORRUPT;
	else *ret_taken = false;
	return OK;
}

static enum err get_fields(const struct record_row *r, struct str rest, struct event *e, void *data)
{
	size_t next = 0;
	while (rest.n > 0) {
		struct line l;
		bool taken;
		enum err err = take_line(&rest, &l);
		if (err != OK) return err;
		if ((err = get_word(e, &l, &taken)) != OK) return err;
		/* Lines come in the order of the rows, so the next field is nearly always the right one. */
		for (size_t i = 0; i < r->n_fields && !taken; i++) {
			size_t at = next + i < r->n_fields ? next + i : next + i - r->n_fields;
			const struct field_row *f = &r->fields[at];
			if (!is_word(l.name, f->name, f->name_n)) continue;
			taken = true;
			next = at + 1 < r->n_fields ? at + 1 : 0;
			if ((err = get_field(f, data, l.value)) != OK) return err;
		}
	}
	return OK;
}

/* Written by a newer program: kept whole and unread. */
static enum err keep_unread(struct arena *a, struct str raw, struct event *e)
{
	struct str *copy = ARENA_NEW(a, struct str), rest = raw;
	if (!copy) return ERR_FULL;
	*copy = raw;
	while (rest.n > 0) {
		struct line l;
		if (take_line(&rest, &l) != OK) return ERR_CORRUPT;
	}
	e->kind = EV_UNKNOWN;
	e->data = copy;
	return OK;
}

enum err event_decode(struct arena *a, uint16_t compartment, uint64_t seq, struct str plain, struct event *ret)
{
	struct event e = { .compartment = compartment, .seq = seq, .noted = INSTANT_UNSET, .happened = INSTANT_UNSET };
	struct line l;
	struct str rest = plain, raw;
	enum err err = get_stamp(&rest, &e, &raw, &l);
	if (err != OK) return err;
	if (!IS(l.name, "event")) return ERR_CORRUPT;
	const struct record_row *r = event_row_by_name(l.value);
	if (!r) {
		if ((err = keep_unread(a, raw, &e)) != OK) return err;
		*ret = e;
		return OK;
	}
	void *data = record_new(a, r);
	if (!data) return ERR_FULL;
	e.kind = r->kind;
	e.data = data;
	if ((err = get_fields(r, rest, &e, data)) != OK) return err;
	*ret = e;
	return OK;
}
