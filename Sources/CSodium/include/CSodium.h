// The host's libsodium, for Argon2id alone: one call to make an encoded hash, one to compare, none of which
// keeps anything.
#ifndef GATEHOUSE_CSODIUM_H
#define GATEHOUSE_CSODIUM_H

#include <stddef.h>
#include <stdint.h>

/// Bytes of the buffer that `gh_argon2id_hash` fills, the ending zero included.
#define GH_ARGON2ID_CAPACITY 128

/// Prepares the library, once a process; any thread, any number of times. 1, or 0 where it cannot be used.
int gh_sodium_prepare(void);

/// Writes `$argon2id$v=19$m=…,t=…,p=1$salt$hash` with a fresh random salt.
/// Returns 1, or 0 where the memory is not to be had or the parameters are out of the library's range.
int gh_argon2id_hash(char *encoded, const uint8_t *password, size_t count, uint32_t memory_kibibytes,
                     uint32_t passes);

/// 1 where `encoded` (ended by zero) is the hash of the password, else 0. Compares in constant time.
int gh_argon2id_verify(const char *encoded, const uint8_t *password, size_t count);

#endif
