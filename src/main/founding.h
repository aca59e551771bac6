/* main/founding.h — a new data directory: keys, trust, the first people, the standing dossiers, the canary.
 *
 * Runs in: verbs (init, demo, simulate).   Depends on: store, wire, sys.   Never: prints a secret.
 *
 * Invariants
 *   G1  every standing dossier has at least two holders among the first people, but for the review dossier of an
 *       authority with one reviewer.
 *   G2  every certificate is signed by both officers before its owner is granted anything. */
#pragma once
#include "main/house.h"

struct first_person {
	struct str login, name, title, passphrase;
	uint64_t roles;
	bool with_code;                /* a TOTP secret */
	bool later;                    /* gets the standing keys from a colleague afterwards (a founding gives 64) */
	/* made here */
	struct id16 user;
	struct str secret;             /* base32, unset without */
	struct str secrets, certificate;
	uint8_t sign_public[32];
};
struct first_custodian {
	struct str name, passphrase;
	uint8_t key[32];
	struct str file;               /* the key file's text */
};
struct first_controller {
	struct str name;
	enum controller_kind kind;
	int64_t municipality;
	struct first_person *people;   /* the first two with the officer's role are the enrolment officers */
	size_t n_people;
	struct first_custodian custodians[3];
	/* made here */
	struct id16 id, standing[4];
};
struct founding {
	struct first_controller *controllers;
	size_t n;
	bool simulated;
	struct instant begin;          /* of a simulated directory's clock */
	const char *keys_folder;       /* custodians' files go here; NULL: nowhere (demo) */
	struct str fingerprint;        /* made here */
};
/* Makes the directory with its folders and avstamp.conf (`conf`). It must not exist, or be empty. */
bool founding_directory(struct house *h, const char *directory, const struct conf *conf);
/* Everything else. The house is left with lock, store, and a vault that has begun its log. False after a sentence. */
bool founding_run(struct house *h, struct founding *f);
/* True for OK; else one sentence with `what`, and what to do. */
bool founding_said(enum err e, const char *what);
/* main/founding_people.c */
bool founding_people(struct house *h, struct founding *f);
bool founding_certify(struct house *h, struct founding *f);
struct first_person *founding_officer(struct first_controller *c, int which);
/* Logs in as a person; `later` counts the logins of the same person before. */
bool founding_login(struct house *h, const struct first_controller *c, const struct first_person *p, int later,
                    struct vault_login_reply *ret);
/* main/founding_dossiers.c */
bool founding_dossiers(struct house *h, struct founding *f);
bool founding_names(struct house *h, struct founding *f);
bool founding_canary(struct house *h, struct founding *f);
