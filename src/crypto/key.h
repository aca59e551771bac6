/* crypto/key.h — the half of crypto that holds secret keys, in one include.
 *
 * Runs in: vault.   Depends on: base, libsodium, crypto/hash.h.   Never: linked into the other executable. */
#pragma once
#include "crypto/envelope.h"
#include "crypto/grant.h"
#include "crypto/hash.h"
#include "crypto/key_files.h"
#include "crypto/key_ring.h"
#include "crypto/log_writer.h"
#include "crypto/officer.h"
#include "crypto/older.h"
#include "crypto/recovery.h"
#include "crypto/renewal.h"
#include "crypto/secret.h"
#include "crypto/shred.h"
#include "crypto/stream_proof.h"
#include "crypto/user_secrets.h"
