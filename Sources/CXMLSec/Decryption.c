#include "Parts.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_KEY = 32, GCM_NONCE = 12, GCM_TAG = 16, CBC_BLOCK = 16, LONGEST_MODULUS = 1024 };

static const EVP_CIPHER *cipher_of(const gh_xml_cipher *cipher) {
    int is_gcm = cipher->mode == GH_XML_GCM;
    if (!is_gcm && cipher->mode != GH_XML_CBC) return NULL;
    switch (cipher->key_bytes) {
    case 16: return is_gcm ? EVP_aes_128_gcm() : EVP_aes_128_cbc();
    case 24: return is_gcm ? EVP_aes_192_gcm() : EVP_aes_192_cbc();
    case 32: return is_gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
    default: return NULL;
    }
}

static int set_transport(EVP_PKEY_CTX *context, const gh_xml_cipher *cipher) {
    if (cipher->transport == GH_XML_PKCS1) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    if (cipher->transport != GH_XML_OAEP) return 0;
    const EVP_MD *digest = gh_xml_digest(cipher->digest), *mask = gh_xml_digest(cipher->mask_digest);
    if (!digest || !mask || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) <= 0 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(context, digest) <= 0 || EVP_PKEY_CTX_set_rsa_mgf1_md(context, mask) <= 0) {
        return 0;
    }
    if (cipher->label_count == 0) return 1;
    if (cipher->label_count > INT_MAX) return 0;
    uint8_t *label = OPENSSL_memdup(cipher->label, cipher->label_count);
    if (label && EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, (int)cipher->label_count) > 0) return 1;
    OPENSSL_free(label);
    return 0;
}

/// Writes the key: the one that was wrapped, or a random one. 1 only for the first.
static int unwrap(const gh_xml_key *key, const gh_xml_cipher *cipher, const uint8_t *wrapped, size_t count,
                  uint8_t *secret) {
    uint8_t buffer[LONGEST_MODULUS] = {0};
    size_t length = sizeof buffer;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pkey, NULL);
    int is_random = RAND_bytes(secret, LONGEST_KEY) == 1;
    int is_right = is_random && context && EVP_PKEY_decrypt_init(context) > 0 && set_transport(context, cipher) &&
                   EVP_PKEY_decrypt(context, buffer, &length, wrapped, count) > 0;
    is_right = is_right & (length == cipher->key_bytes);
    for (size_t index = 0; index < LONGEST_KEY; index++) {
        uint8_t mask = (uint8_t)-is_right;
        secret[index] = (uint8_t)((buffer[index] & mask) | (secret[index] & (uint8_t)~mask));
    }
    EVP_PKEY_CTX_free(context);
    OPENSSL_cleanse(buffer, sizeof buffer);
    return is_right;
}

/// Opens into `plain`, which has room for `count` bytes. 1, or 0.
static int open_gcm(EVP_CIPHER_CTX *context, const EVP_CIPHER *algorithm, const uint8_t *secret, const uint8_t *sealed,
                    size_t count, uint8_t *plain, size_t *written) {
    if (count < GCM_NONCE + GCM_TAG) return 0;
    size_t length = count - GCM_NONCE - GCM_TAG;
    uint8_t tag[GCM_TAG];
    memcpy(tag, sealed + count - GCM_TAG, GCM_TAG);
    int body = 0, end = 0;
    if (EVP_DecryptInit_ex2(context, algorithm, secret, sealed, NULL) != 1 ||
        EVP_DecryptUpdate(context, plain, &body, sealed + GCM_NONCE, (int)length) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) != 1 ||
        EVP_DecryptFinal_ex(context, plain + body, &end) != 1) {
        return 0;
    }
    *written = (size_t)body + (size_t)end;
    return 1;
}

/// The last byte says how many are padding; the others of them may be anything (XML Encryption §5.2.1).
static int open_cbc(EVP_CIPHER_CTX *context, const EVP_CIPHER *algorithm, const uint8_t *secret, const uint8_t *sealed,
                    size_t count, uint8_t *plain, size_t *written) {
    if (count < 2 * CBC_BLOCK || count % CBC_BLOCK != 0) return 0;
    size_t length = count - CBC_BLOCK;
    int body = 0, end = 0;
    if (EVP_DecryptInit_ex2(context, algorithm, secret, sealed, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(context, 0) != 1 ||
        EVP_DecryptUpdate(context, plain, &body, sealed + CBC_BLOCK, (int)length) != 1 ||
        EVP_DecryptFinal_ex(context, plain + body, &end) != 1) {
        return 0;
    }
    size_t padding = plain[length - 1];
    if (padding < 1 || padding > CBC_BLOCK) return 0;
    *written = length - padding;
    return 1;
}

int gh_xml_decrypt(const gh_xml_key *key, const gh_xml_cipher *cipher, const uint8_t *wrapped, size_t wrapped_count,
                   const uint8_t *sealed, size_t sealed_count, uint8_t **octets, size_t *count) {
    *octets = NULL;
    *count = 0;
    const EVP_CIPHER *algorithm = cipher_of(cipher);
    if (!algorithm || sealed_count == 0 || sealed_count > INT_MAX || gh_xml_key_kind(key) != GH_XML_RSA ||
        EVP_PKEY_get_size(key->pkey) > LONGEST_MODULUS) {
        return 0;
    }
    uint8_t secret[LONGEST_KEY] = {0};
    uint8_t *plain = calloc(1, sealed_count);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    size_t written = 0;
    int is_unwrapped = unwrap(key, cipher, wrapped, wrapped_count, secret);
    int is_open = plain && context &&
                  (cipher->mode == GH_XML_GCM
                       ? open_gcm(context, algorithm, secret, sealed, sealed_count, plain, &written)
                       : open_cbc(context, algorithm, secret, sealed, sealed_count, plain, &written));
    EVP_CIPHER_CTX_free(context);
    OPENSSL_cleanse(secret, sizeof secret);
    ERR_clear_error();
    if (is_unwrapped & is_open) {
        *octets = plain;
        *count = written;
        return 1;
    }
    gh_xml_octets_free(plain, sealed_count);
    return 0;
}
