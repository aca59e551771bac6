/* main/play.h — acts of made-up people, through the same flow as everybody's (demo, simulate).
 *
 * Runs in: verbs.   Depends on: flow.   Never: acts in a directory that is not simulated.
 *
 * Fields of an act are written as `name=value|name=value`. In a value {me} {second} {lead} {deputy} are people's ids,
 * {inquiry} is the case's newest investigation, {day+N} a day N days from the clock, and {a} {b} ... the texts that
 * are given along. */
#pragma once
#include "main/founding.h"

struct player {
	struct cookie_secret cookie;
	struct id16 user;
	struct str login, passphrase;
	bool in;
};
struct play {
	struct house *house;
	struct arena *scratch;    /* wiped after each act */
	struct instant now;       /* of the simulated clock */
	struct player *players;
	size_t n_players;
	uint64_t acts;
	int64_t logged_in;        /* running_ms of the last time everybody was logged out */
};
#define PLAY_TEXTS 8
struct play_act {
	size_t who;               /* player */
	enum command_id command;
	struct id16 case_id;      /* zero for register_intake */
	const char *fields;
	struct id16 second, lead, deputy;
	struct str text[PLAY_TEXTS]; /* {a} .. {h} */
};

/* One arena for all acts; people log in when they first act. */
bool play_begin(struct play *p, struct house *h, const struct founding *f);
void play_end(struct play *p);
/* A player who holds the standing keys gives them to another (first_person.later). */
bool play_give_keys(struct play *p, size_t who, struct id16 to);
/* Forwards only; earlier moments are let be. */
bool play_clock(struct play *p, struct instant t);
/* False after a sentence: a made-up act that is refused is a fault of the story. */
bool play_do(struct play *p, const struct play_act *act, struct id16 *ret_case);
/* Accepts the oldest package that waits for the player, of this kind. *ret_case: the dossier it went into. */
bool play_accept(struct play *p, size_t who, enum package_kind kind, struct id16 *ret_case);
