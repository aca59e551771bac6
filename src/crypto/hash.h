/* crypto/hash.h — the half of crypto that needs no secret key, in one include.
 *
 * Runs in: every process.   Depends on: base, libsodium.   Never: touches a secret key. */
#pragma once
#include "crypto/bytes.h"
#include "crypto/certificate.h"
#include "crypto/checkpoint.h"
#include "crypto/files.h"
#include "crypto/log_entry.h"
#include "crypto/log_reader.h"
#include "crypto/row_digest.h"
#include "crypto/tree.h"
#include "crypto/trust.h"
#include "crypto/verify.h"
