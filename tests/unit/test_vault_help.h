/* tests/unit/test_vault_help.h — a vault in a child process, and people to speak to it as. */
#pragma once
#include "crypto/hash.h"
#include "vault/options.h"
#include "vault/slots.h"
#include "wire/vault_client.h"
#include <sys/types.h>

#define SECOND INT64_C(1000000)
#define PASSPHRASE "en lång och hemlig mening"

enum { DIRECTORY, DESK, INDEX, REVIEW };
enum who { OFFICER_A, OFFICER_B, ANNA, BEN, CARIN, REVIEWER, POLICE_A, POLICE_B, PEOPLE };

struct person {
	struct id16 user;
	struct str secrets, certificate;
	uint8_t login[32], totp[20];
	struct cookie_secret cookie;
	struct vault_who who;
};
struct dossier {
	struct id16 id, controller;
	uint32_t shred_slot;
	struct str recovery;
	struct new_stream streams[16];
	size_t n_streams;
	struct { struct id16 holder; struct str grant, accepted, renewals; } grants[16];
	size_t n_grants;
};
struct party { struct id16 controller, standing[4]; struct dossier dossiers[4]; };

struct world {
	char directory[64];
	struct vault_options options;
	pid_t pid;
	struct vault_client *v;
	struct arena *a;
	struct instant clock;
	struct party parties[2]; /* a nämnd and the police */
	struct person people[PEOPLE];
	struct str custodian;    /* one custodian's key file */
};

/* A directory with two controllers, eight certified people and eight standing dossiers. */
void world_found(struct world *w);
/* Stops the vault if it runs, and removes the directory. */
void world_end(struct world *w);
/* The same after a vault that stops by itself when it is asked to. */
void world_end_well(struct world *w);
/* Starts the vault; false when it does not answer hello with OK. */
bool world_start(struct world *w);
/* SIGTERM, and its exit code. */
int world_stop(struct world *w);
void world_kill(struct world *w);

/* The clock goes on by this much. */
void world_later(struct world *w, int64_t us);
/* In a new time step, with the right code. */
enum err world_login(struct world *w, enum who p);
/* The social services' people and one of the police logged in, and their standing grants attached; CARIN's are left. */
void world_let_in(struct world *w);
/* Does it stand in there? */
bool has(struct str s, const char *part);
/* With the standing grants that init gave. */
enum err world_attach(struct world *w, enum who p);
struct str world_code(struct world *w, enum who p, int64_t steps);
struct vault_why why_of(const struct person *p, struct id16 asked);
const struct party *party_of(const struct world *w, enum who p);

/* A case of compartments head, identity and social, made by `maker` and granted to them alone. */
enum err world_new_case(struct world *w, enum who maker, struct dossier *ret);
struct envelope_at event_at(const struct dossier *d, uint16_t compartment, uint64_t seq);
/* Seals one event; the envelope lives in the world's arena. */
enum err world_seal(struct world *w, enum who p, const struct dossier *d, struct str grant, struct envelope_at at,
                    const char *plain, struct str *ret);
/* Opens one item; *ret lives in the arena. */
enum err world_open(struct world *w, enum who p, struct id16 asked, struct str grant, uint32_t shred_slot,
                    struct envelope_at at, struct str envelope, struct vault_open_reply *ret);
