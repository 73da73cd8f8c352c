#include "CSodium.h"

#include <sodium.h>

_Static_assert(GH_ARGON2ID_CAPACITY == crypto_pwhash_STRBYTES, "the capacity is libsodium's");

int gh_sodium_prepare(void) { return sodium_init() >= 0; }

int gh_argon2id_hash(char *encoded, const uint8_t *password, size_t count, uint32_t memory_kibibytes,
                     uint32_t passes) {
    return crypto_pwhash_str_alg(encoded, (const char *)password, count, passes, (size_t)memory_kibibytes * 1024,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0;
}

int gh_argon2id_verify(const char *encoded, const uint8_t *password, size_t count) {
    return crypto_pwhash_str_verify(encoded, (const char *)password, count) == 0;
}
