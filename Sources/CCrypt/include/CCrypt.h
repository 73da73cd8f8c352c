// The host's libcrypt (libxcrypt), for bcrypt alone: hashes that members bring from other systems.
#ifndef GATEHOUSE_CCRYPT_H
#define GATEHOUSE_CCRYPT_H

#include <stddef.h>
#include <stdint.h>

/// Bytes of the buffer that `gh_bcrypt` fills, the ending zero included.
#define GH_BCRYPT_CAPACITY 61

/// Writes the bcrypt hash of the password under `setting` (ended by zero, `$2b$NN$` and 22 characters of salt). Of the
/// password at most 72 bytes count, and none of them may be zero, which the caller has seen to.
/// Returns 1, or 0 where the library refuses the setting or has no memory. Keeps nothing, and wipes what it held.
int gh_bcrypt(const char *setting, const uint8_t *password, size_t count, char output[GH_BCRYPT_CAPACITY]);

#endif
