/* vault/vault.h — private to the vault: its state, and one request on its way to an answer.
 *
 * Runs in: vault.   Depends on: wire, crypto, tables, base.   Never: network, database, any file but those of
 * keys/, shred/ and log/.
 *
 * A round (vault/loop.c): every waiting request is *decided* (checked, its entry appended to the log), the log is
 * flushed once, then each is *finished* (envelopes are opened) and answered.
 *
 * Invariants
 *   A1  no plaintext and no new key leaves before the entry that tells of it is on disk.
 *   A2  between rounds no private key of a person exists here outside its session box. */
#pragma once
#include "crypto/key.h"
#include "vault/options.h"
#include "vault/totp.h"
#include "wire/codec.h"

struct argon;
struct argon_job;
struct certificates;
struct clock;
struct late;
struct line;
struct sessions;
struct standing;
struct throttle;

struct vault {
	struct vault_options options;
	struct arena *boot, *round;
	int keys_fd, shred_fd, log_fd, signal_fd;
	struct line *line;
	struct key32 *vault_key, *log_key;
	struct shred *shred;
	struct log *log;            /* NULL while fresh */
	struct trust trust;         /* of no use while fresh */
	bool fresh;
	uint8_t fingerprint[32];
	struct id16 boot_id;
	struct clock *clock;
	struct sessions *sessions;
	struct certificates *certificates;
	struct standing *standing;
	/* The canary's public half; zero while it has not been made. */
	struct canary_public { struct id16 user; uint8_t box[32], sign[32]; } canary;
	struct throttle *throttle;
	struct totp_steps *totp_steps;
	struct argon *argon;
	struct late *late;
	struct stash *stash;
	int64_t began_us;           /* on the boot's clock */
	int64_t last_entry_us;      /* on the boot's clock, for the heartbeat */
	int64_t shred_looked_us;    /* on the boot's clock */
	bool web_gone, stop_asked;
};

struct call {
	uint32_t number;
	uint16_t type;
	const void *ask;
	struct str bytes;           /* of the request, for a job that must remember it */
	void *reply;
	struct argon_job *job;      /* set when Argon2id has run for this request */
	void (*finish)(struct vault *v, struct call *c); /* after the flush, when the status is OK */
	void *work;                 /* finish's own */
	bool later;                 /* the answer comes in another round */
	int64_t hold_us;            /* answer this much later */
};

/* One function a message: decides, appends to the log, and fills the answer or leaves that to c->finish. What it
 * returns becomes the answer's status. */
#define MESSAGE(name, number, reply) \
	enum err decide_##name(struct vault *v, struct call *c, const struct vault_##name *ask, struct vault_##reply *ret);
#define MESSAGE_ONE_WAY(name, number) void decide_##name(struct vault *v, const struct vault_##name *said);
#include "wire/wire.def"

/* Both clocks, for one-time codes. */
struct totp_clocks vault_clocks(const struct vault *v);
/* Year × 12 + month − 1 of the Swedish calendar. */
uint32_t vault_month(const struct vault *v);
/* vault/upkeep.c: in a new month writes shred/keys anew, so that what was destroyed is in no generation (DECISIONS 26). */
void vault_renew_shred(struct vault *v);
/* vault/loop.c: serves until web is gone or SIGTERM. */
void vault_loop(struct vault *v);
