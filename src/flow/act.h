/* flow/act.h — the steps of saving that an act on a case and the acceptance of a package share.
 *
 * Runs in: web, verbs.   Depends on: flow/internal.h.   Never: used outside flow. */
#pragma once
#include "flow/internal.h"

/* Decision, memberships and the idempotency row into the plan; then seal and commit. `shown`: the version that the decision
 * was asked for on. *ret is filled on OK. */
MUST enum err plan_save(struct write_plan *p, const struct decision *d, const struct facts *facts, const struct version *shown,
                        struct str token, struct act_result *ret);
/* Remembers what this token was answered: p->on's case, and the streams written to around the act, which stand in clear anyway.
 * Nothing without a token. */
MUST enum err plan_token(struct write_plan *p, struct str token, struct id16 user, const struct version *before,
                         const struct version *after);
/* A token's name in the database: a hash, behind the 48 bits of its time when it is made as a UUID version 7 (RFC 9562) is,
 * so that the answers of an hour lie side by side. */
struct id16 answer_name(struct str token);
/* Into *ret, `saved` set, when the token was answered within a day. `held`: of the case's streams the asker hears of these.
 * `shown`: as act_wish.on; the same again is answered the same. */
void answer_again(struct arena *a, const struct earlier_answer *earlier, struct instant now, uint32_t held,
                  const struct version *shown, struct act_result *ret);
/* Whoever a decision names for the case gets a grant; when two named persons hold it, the desk lets go (DECISIONS 24). */
MUST enum err plan_members(struct write_plan *p, const struct decision *d, const struct facts *facts);
/* The twelve digits that a decision writes to identity, or an empty str. */
struct str decision_number(const struct decision *d);
/* Takes whoever a decision takes off the case off its keys too. */
MUST enum err plan_leaving(struct write_plan *p, const struct decision *d);
/* Must the decision know the staff: a field names one, or a ladder must find the next in line? */
bool command_names_staff(enum command_id c);
/* The staff for facts.staff: who is named in the values, and the first of each role by user id. When a value names
 * somebody in words it is all of them. One message to the vault. */
MUST enum err staff_for(struct flow *f, struct arena *a, const struct cookie_secret *c, struct id16 controller,
                        enum command_id command, const struct field_value *v, size_t n, struct staff **ret,
                        size_t *ret_n);
