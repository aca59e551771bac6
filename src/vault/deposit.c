/* vault/deposit.c — proofs of deposit keys, and the newest key of each standing dossier. */
#include "vault/deposit.h"
#include "vault/sessions.h"
#include "vault/standing.h"
#include <string.h>

const struct trust_party *deposit_standing(const struct vault *v, struct id16 dossier, int *ret_kind)
{
	for (size_t i = 0; i < v->trust.n; i++) {
		for (int k = 0; k < STANDING_COUNT; k++) {
			if (!id_eq(v->trust.party[i].standing[k], dossier)) continue;
			if (ret_kind != NULL) *ret_kind = k;
			return &v->trust.party[i];
		}
	}
	return NULL;
}

enum err deposit_check(struct vault *v, const struct envelope_at *at, const struct deposit_key *key)
{
	struct envelope_at place = *at;
	place.epoch = key->epoch;
	if (!stream_proof_good(v->vault_key, &place, key->key, key->proof) && !v->options.any_deposit_key) return ERR_DENIED;
	const struct trust_party *party = deposit_standing(v, at->case_id, NULL);
	if (party == NULL) return OK;
	if (!id_eq(party->controller, at->controller)) return ERR_DENIED;
	struct standing_key k = { .dossier = at->case_id, .epoch = key->epoch };
	memcpy(k.key, key->key, sizeof k.key);
	return standing_take(v->standing, &k, v->options.init);
}

void deposit_make(const struct vault *v, const struct envelope_at *at, const struct stream_key *k, struct deposit_key *ret)
{
	ret->epoch = at->epoch;
	stream_key_deposit(k, ret->key, NULL);
	stream_proof(v->vault_key, at, ret->key, ret->proof);
}
