/* core/package.h — packages between dossiers, as the receiver sees them (DECISIONS 13, 14, 50).
 *
 * The payload of a package is the encoded event that its acceptance appends, without the deposit's own hash.
 * Runs in: web, verbs, tests.   Depends on: core/core.h.   Never: I/O. */
#pragma once
#include "core/core.h"

struct package_view {
	enum package_kind kind;
	enum command_id accept;        /* the command that takes it in */
	struct id16 from_case;         /* the sender's dossier: a sealed reference */
	struct str sender, ground, text, document_hash; /* unset where the kind has none */
	struct instant sent;
	const struct event *event;
};
/* ERR_CORRUPT for bytes that are no package. */
MUST enum err package_decode(struct arena *a, struct str payload, struct package_view *ret);
/* The accepting command's input, ready for case_decide: the package with the hash of the deposit as it lay. */
MUST enum err package_input(struct arena *a, const struct package_view *p, const uint8_t deposit[32],
                            const void **ret_input);
