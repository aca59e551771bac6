/* core/package.c — packages between dossiers, as the receiver sees them. */
#include "core/package.h"
#include "core/record.h"
#include <string.h>

static enum package_kind kind_of(enum event_kind k)
{
	if (k == EV_REQUEST_ACCEPTED) return PACKAGE_REQUEST;
	if (k == EV_SUMMARY_ACCEPTED) return PACKAGE_SUMMARY;
	if (k == EV_JOINT_RECEIVED) return PACKAGE_JOINT_ASSESSMENT;
	if (k == EV_SIGNATURE_ACCEPTED) return PACKAGE_SIGNATURE;
	return PACKAGE_NONE;
}

static const struct field_row *field(const struct event *e, const char *name)
{
	return record_field(event_row(e->kind), str_c(name));
}

static struct str text_of(const struct event *e, const char *name)
{
	const struct field_row *f = field(e, name);
	return f ? field_str(f, e->data) : STR_UNSET;
}

enum err package_decode(struct arena *a, struct str payload, struct package_view *ret)
{
	struct event *e = ARENA_NEW(a, struct event);
	if (!e) return ERR_FULL;
	enum err err = event_decode(a, COMPARTMENT_RISK, 0, payload, e);
	if (err != OK) return err;
	enum package_kind kind = kind_of(e->kind);
	if (kind == PACKAGE_NONE) return ERR_CORRUPT;
	const struct field_row *ground = field(e, "ground"), *sent = field(e, "sent"), *from = field(e, "from_case");
	const struct field_row *document = field(e, "document");
	struct package_view v = { .kind = kind, .accept = package_row(kind)->accept, .event = e,
	                          .sender = text_of(e, "sender"), .text = text_of(e, "text"), .sent = INSTANT_UNSET };
	if (kind == PACKAGE_JOINT_ASSESSMENT) v.text = text_of(e, "support");
	if (ground) v.ground = str_c(choice_text(ground->list, field_choice(ground, e->data)));
	if (sent) v.sent = field_moment(sent, e->data);
	if (from) v.from_case = field_id(from, e->data);
	if (document) {
		struct hash32 h = field_hash(document, e->data);
		v.document_hash = hash_hex(a, &h);
	}
	if (arena_is_full(a)) return ERR_FULL;
	*ret = v;
	return OK;
}

enum err package_input(struct arena *a, const struct package_view *p, const uint8_t deposit[32], const void **ret_input)
{
	const struct command_row *c = command_row(p->accept);
	const struct record_row *r = event_row(p->event->kind);
	const struct field_row *f = record_field(r, STR("deposit"));
	struct hash32 h;
	char *input = arena_take(a, c->size);
	if (!input) return ERR_FULL;
	memcpy(h.b, deposit, 32);
	memcpy(input + c->parts[0].offset, p->event->data, r->size);
	field_put(f, input + c->parts[0].offset, &h);
	*ret_input = input;
	return OK;
}
