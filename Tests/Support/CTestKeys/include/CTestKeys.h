// Keys, signatures and certificates that tests make: of every kind, right and wrong.
#ifndef GATEHOUSE_CTESTKEYS_H
#define GATEHOUSE_CTESTKEYS_H

#include <stddef.h>
#include <stdint.h>

typedef struct evp_pkey_st test_key;

/// A new key: "P-256", "P-384", "P-521", "secp256k1", "ED25519", "ED448", or "RSA" with its bits; NULL on failure.
test_key *test_key_new(const char *kind, unsigned bits);
void test_key_free(test_key *key);

/// The public key's numbers, big-endian: x and y, or modulus and exponent, or the raw key and nothing. Each buffer has
/// room for 1024 bytes, and coordinates are padded to the curve's size. 1 on success.
int test_key_public(test_key *key, uint8_t *first, size_t *first_count, uint8_t *second, size_t *second_count);

/// Signs with the digest ("SHA256", "SHA384", "SHA512"; NULL for EdDSA) and the usual padding; how many bytes it wrote.
size_t test_key_sign(test_key *key, const char *digest, const uint8_t *message, size_t count, uint8_t *signature,
                     size_t capacity);

/// What a certificate says; NULL leaves a name out.
typedef struct {
    long version;
    const char *country, *organization, *unit, *second_unit, *common_name;
    /// The CA component of the basic constraints; -1: no such extension.
    int is_authority;
    /// The value of the AAGUID's extension; NULL: no such extension.
    const uint8_t *aaguid;
    size_t aaguid_count;
    int is_aaguid_critical;
} test_certificate;

/// A certificate in DER of the key, signed by the key itself; how many bytes it wrote.
size_t test_certificate_make(test_key *key, const char *digest, const test_certificate *certificate, uint8_t *der,
                             size_t capacity);

#endif
