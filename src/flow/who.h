/* flow/who.h — a small memory of which session belongs to whom, so that a page needs no extra question.
 *
 * Runs in: web, verbs.   Depends on: wire, crypto/hash.   Never: holds a cookie's secret, a name or a title;
 * decides that a session lives (the vault does, at every opening).
 *
 * Invariants
 *   H1  an entry is found only by the hash of the secret; losing an entry costs one question to the vault. */
#pragma once
#include "base/base.h"
#include "wire/vault_client.h"

struct who_cache;
MUST enum err who_cache_new(struct arena *boot, struct who_cache **ret);
void who_forget_all(struct who_cache *w);
void who_forget(struct who_cache *w, const struct cookie_secret *c);
void who_remember(struct who_cache *w, const struct cookie_secret *c, const struct vault_who *who);
/* False when unknown. name and title of *ret are unset. */
bool who_recall(struct who_cache *w, const struct cookie_secret *c, struct vault_who *ret);
