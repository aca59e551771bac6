/* main/founding.c — the order of a founding, and its directory. */
#include "main/founding.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_empty(struct arena *a, const char *path)
{
	struct str *names;
	size_t n;
	return directory_names(a, path, 64, &names, &n) == OK && n == 0;
}

static bool make_directory(struct house *h, const char *directory)
{
	if (path_real(directory, &h->directory) != OK) {
		warn_with("Katalogen ovanför %s finns inte. Skapa den först.", directory);
		return false;
	}
	enum err e = directory_make(h->directory.c, 0700);
	if (e == OK)
		return true;
	if (e == ERR_EXISTS && is_empty(h->arena, h->directory.c) && chmod(h->directory.c, 0700) == 0)
		return true;
	if (e == ERR_EXISTS)
		warn_with("%s finns redan och är inte tom. Välj en annan katalog.", directory);
	else
		warn_with("%s går inte att skapa, %s.", directory, why_failed(e));
	return false;
}

bool founding_directory(struct house *h, const char *directory, const struct conf *conf)
{
	static const char *const folders[] = { "log", "keys", "shred", "run" };
	h->lock_fd = -1;
	if (!h->arena && !(h->arena = arena_new(64u << 20))) {
		warn_with("minnet räcker inte.");
		return false;
	}
	if (programs_find(&h->programs) != OK) {
		warn_with("avstamp-vault saknas bredvid programmet. Installera om paketet.");
		return false;
	}
	if (!make_directory(h, directory))
		return false;
	struct path p;
	enum err e = OK;
	for (size_t i = 0; e == OK && i < COUNT_OF(folders); i++)
		if ((e = path_join(h->directory.c, folders[i], &p)) == OK)
			e = directory_make(p.c, 0700);
	if (e == OK && (e = path_join(h->directory.c, "avstamp.conf", &p)) == OK)
		e = file_create(p.c, conf_text(h->arena, conf), 0640);
	if (e != OK)
		warn_with("%s går inte att skapa, %s.", p.c, why_failed(e));
	h->conf = *conf;
	h->fresh = true;
	return e == OK;
}

bool founding_said(enum err e, const char *what)
{
	if (e != OK)
		warn_with("%s (%s). Ta bort katalogen och försök igen.", what, err_name(e));
	return e == OK;
}

static bool keep_custodians(struct house *h, const struct founding *f)
{
	for (size_t i = 0; f->keys_folder && i < f->n; i++) {
		for (size_t k = 0; k < COUNT_OF(f->controllers[i].custodians); k++) {
			const struct first_custodian *c = &f->controllers[i].custodians[k];
			char name[64];
			struct path p;
			snprintf(name, sizeof name, "custodian-%zu-%zu.avk", i + 1, k + 1);
			enum err e = path_join(f->keys_folder, name, &p);
			if (e == OK)
				e = file_create(p.c, c->file, 0600);
			if (e != OK) {
				warn_with("%s går inte att skriva, %s. Välj en annan mapp för nyckelfilerna.", name, why_failed(e));
				return false;
			}
		}
	}
	(void)h;
	return true;
}

static bool make_custodians(struct house *h, struct founding *f)
{
	for (size_t i = 0; i < f->n; i++) {
		for (size_t k = 0; k < COUNT_OF(f->controllers[i].custodians); k++) {
			struct first_custodian *c = &f->controllers[i].custodians[k];
			struct vault_custodian ask = { .passphrase = c->passphrase, .demo_strength = f->simulated };
			struct vault_custodian_reply reply;
			if (!founding_said(vault_custodian(h->vault, h->arena, &ask, &reply), "En nyckelfil gick inte att skapa"))
				return false;
			memcpy(c->key, reply.key, sizeof c->key);
			c->file = reply.text;
		}
	}
	return keep_custodians(h, f);
}

static bool begin_clock(struct house *h, const struct founding *f)
{
	if (!f->simulated || !instant_is_set(f->begin))
		return true;
	struct vault_clock ask = { .now = f->begin };
	struct vault_status_reply reply;
	return founding_said(vault_clock(h->vault, h->arena, &ask, &reply), "Den simulerade klockan gick inte att ställa");
}

static bool write_trust(struct house *h, struct founding *f)
{
	struct trust_controller *all = ARENA_ARRAY(h->arena, struct trust_controller, f->n);
	if (!all)
		return founding_said(ERR_FULL, "Minnet räcker inte");
	for (size_t i = 0; i < f->n; i++) {
		struct first_controller *c = &f->controllers[i];
		all[i].controller = c->id;
		all[i].name = c->name;
		for (int k = 0; k < 2; k++) {
			struct first_person *p = founding_officer(c, k);
			all[i].officers[k] = p->user;
			memcpy(all[i].officer_keys[k], p->sign_public, 32);
		}
		for (size_t k = 0; k < COUNT_OF(c->custodians); k++)
			memcpy(all[i].custodian_keys[k], c->custodians[k].key, 32);
		memcpy(all[i].standing, c->standing, sizeof c->standing);
	}
	struct vault_trust ask = { .controllers = all, .n = f->n, .simulated = f->simulated };
	struct vault_trust_reply reply;
	if (!founding_said(vault_trust(h->vault, h->arena, &ask, &reply), "Förtroendefilen gick inte att skriva"))
		return false;
	f->fingerprint = reply.fingerprint;
	return true;
}

static bool draw_ids(struct founding *f)
{
	enum err e = OK;
	for (size_t i = 0; e == OK && i < f->n; i++) {
		struct first_controller *c = &f->controllers[i];
		e = random_bytes(&c->id, sizeof c->id);
		if (e == OK)
			e = random_bytes(c->standing, sizeof c->standing);
		for (size_t k = 0; e == OK && k < c->n_people; k++)
			e = random_bytes(&c->people[k].user, sizeof c->people[k].user);
	}
	return founding_said(e, "Slumptal saknas");
}

bool founding_run(struct house *h, struct founding *f)
{
	h->simulated = f->simulated;
	h->alone = true;
	if (!house_lock(h, 0) || !house_store(h, true) || !house_vault(h))
		return false;
	if (!h->hello.fresh) {
		warn_with("Katalogen har redan nycklar. Välj en annan katalog.");
		return false;
	}
	if (!draw_ids(f) || !begin_clock(h, f) || !make_custodians(h, f) || !founding_people(h, f) || !write_trust(h, f))
		return false;
	if (!founding_certify(h, f) || !founding_dossiers(h, f) || !founding_names(h, f) || !founding_canary(h, f))
		return false;
	struct vault_checkpoint ask = { 0 };
	struct vault_checkpoint_reply reply;
	h->fresh = false;
	return founding_said(vault_checkpoint(h->vault, h->arena, &ask, &reply), "Loggens första kontrollpunkt gick inte att skriva");
}
