/* tests/core/world.h — a small world for tests of the core: five people, two dossiers, a clock that is set.
 *
 * Everything goes the way the program goes: typed values, parse, decide, encode, stamp as the vault does, decode,
 * fold. Packages wait until the other side takes them in. */
#pragma once
#include "core/state.h"
#include "core/profile.h"
#include "core/package.h"

#define WORLD_ENTRIES 2500
#define WORLD_PACKAGES 64
#define WORLD_RUNGS 1500
#define WORLD_STAFF 6

enum side { SIDE_SOCIAL, SIDE_POLICE, SIDES };
struct entry { uint16_t compartment; uint64_t seq; struct str payload; };
struct dossier {
	struct kase *live;
	struct entry entries[WORLD_ENTRIES];
	size_t n_entries;
	uint64_t seq[32];
	struct rung rungs[WORLD_RUNGS]; /* waiting ones */
	size_t n_rungs;
	struct event last[200];         /* of the newest decision, as stored */
	size_t n_last;
};
struct world {
	struct arena *a;
	struct dossier side[SIDES];
	struct package packages[WORLD_PACKAGES];
	size_t n_packages;
	struct profile profile;
	struct instant now, last_noted;
	struct staff staff[WORLD_STAFF];
	struct str names[WORLD_STAFF];  /* short names, lower case */
	enum role roles[WORLD_STAFF];
	uint64_t counter;
	bool no_staff;                  /* facts without the directory */
	uint64_t holders;               /* bit by place in staff; 0: everybody of the side */
};
struct outcome {
	enum err fault;
	struct field_error *errors; size_t n_errors;
	bool refused; struct refusal refusal;
	size_t n_events;
};

struct world *world_new(struct arena *a);
size_t world_person(const struct world *w, struct str short_name); /* WORLD_STAFF when unknown */
enum side world_side(const struct world *w, size_t person);
struct facts world_facts(struct world *w, size_t person);
/* Type values into a command's form and give it. */
struct outcome world_do(struct world *w, size_t person, enum command_id c, const struct field_value *v, size_t n);
/* Decide on a ready input. */
struct outcome world_decide(struct world *w, size_t person, enum command_id c, const void *input);
/* Take in the newest waiting package of a kind on this person's side; ERR_NOT_FOUND when there is none. */
struct outcome world_accept(struct world *w, size_t person, enum package_kind kind);
/* Another profile from now on: the generic one with one setting written anew, such as "escalation = 6 hours". */
bool world_profile(struct world *w, struct str setting);
/* This person opens the case of the own side: what is dated by another profile gets new dates. */
struct outcome world_open(struct world *w, size_t person);
/* A state as text: two states with the same text show the same. */
struct str world_dump(struct arena *a, const struct kase *k);
/* Fold a dossier anew: the whole journal, or snapshots after the first `cut` entries and then the rest. */
struct kase *world_replay(struct world *w, enum side s);
struct kase *world_replay_cut(struct world *w, enum side s, size_t cut);
