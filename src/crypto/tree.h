/* crypto/tree.h — the RFC 6962 Merkle tree, grown leaf by leaf.
 *
 * Runs in: every process.   Depends on: base.   Never: keeps leaves; only the frontier (≤ 64 hashes).
 *
 * Invariants
 *   T1  the root after n leaves equals MTH of RFC 6962 section 2.1 over the same n leaves. */
#pragma once
#include "base/base.h"

struct tree_hash { uint8_t b[32]; };
/* Plain value. `peak[i]` is the root of a whole subtree of 2^i leaves when bit i of `size` is set. */
struct tree {
	uint64_t size;
	struct tree_hash peak[64];
};

/* SHA-256(00 ‖ bytes). */
struct tree_hash tree_leaf(struct str bytes);
void tree_add(struct tree *t, struct tree_hash leaf);
struct tree_hash tree_root(const struct tree *t);
