#include "COpenSSL.h"

#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <string.h>

// OpenSSL counts in int; no record of ours comes near.
static int fits(size_t count) { return count <= 0x7fffffff; }

// A NULL pointer would mean "no update" to some of the calls, even where the count is 0.
static const uint8_t nothing[1];
static const uint8_t *present(const uint8_t *bytes) { return bytes ? bytes : nothing; }

int gh_gcm_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *associated, size_t associated_count,
                const uint8_t *plain, size_t count, uint8_t *output, uint8_t *tag) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t rest[16];
    int length = 0;
    int done = context && fits(associated_count) && fits(count) &&
               EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, NULL) == 1 &&
               (!associated_count ||
                EVP_EncryptUpdate(context, NULL, &length, associated, (int)associated_count) == 1) &&
               (!count || EVP_EncryptUpdate(context, output, &length, plain, (int)count) == 1) &&
               EVP_EncryptFinal_ex(context, rest, &length) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

int gh_gcm_open(const uint8_t *key, const uint8_t *nonce, const uint8_t *associated, size_t associated_count,
                const uint8_t *sealed, size_t count, const uint8_t *tag, uint8_t *output) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    uint8_t rest[16];
    int length = 0;
    int done = context && fits(associated_count) && fits(count) &&
               EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, NULL) == 1 &&
               (!associated_count ||
                EVP_DecryptUpdate(context, NULL, &length, associated, (int)associated_count) == 1) &&
               (!count || EVP_DecryptUpdate(context, output, &length, sealed, (int)count) == 1) &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, (void *)tag) == 1 &&
               EVP_DecryptFinal_ex(context, rest, &length) == 1;
    EVP_CIPHER_CTX_free(context);
    return done;
}

static int hmac(const EVP_MD *hash, unsigned int expected, const uint8_t *key, size_t key_count,
                const uint8_t *message, size_t count, uint8_t *code) {
    unsigned int length = 0;
    return fits(key_count) &&
           HMAC(hash, present(key), (int)key_count, present(message), count, code, &length) != NULL &&
           length == expected;
}

int gh_hmac_sha256(const uint8_t *key, size_t key_count, const uint8_t *message, size_t count, uint8_t *code) {
    return hmac(EVP_sha256(), 32, key, key_count, message, count, code);
}

int gh_hmac_sha1(const uint8_t *key, size_t key_count, const uint8_t *message, size_t count, uint8_t *code) {
    return hmac(EVP_sha1(), 20, key, key_count, message, count, code);
}

int gh_hmac_sha512(const uint8_t *key, size_t key_count, const uint8_t *message, size_t count, uint8_t *code) {
    return hmac(EVP_sha512(), 64, key, key_count, message, count, code);
}

int gh_hkdf_sha256(const uint8_t *secret, size_t secret_count, const uint8_t *salt, size_t salt_count,
                   const uint8_t *info, size_t info_count, uint8_t *output, size_t count) {
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
    EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    EVP_KDF_free(kdf);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)present(secret), secret_count),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)present(salt), salt_count),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)present(info), info_count),
        OSSL_PARAM_construct_end(),
    };
    int done = context && EVP_KDF_derive(context, output, count, parameters) == 1;
    EVP_KDF_CTX_free(context);
    return done;
}

EVP_PKEY *gh_p256_generate(void) { return EVP_EC_gen("P-256"); }

static int is_p256(EVP_PKEY *key) {
    char name[32];
    size_t length = 0;
    return EVP_PKEY_get_group_name(key, name, sizeof name, &length) == 1 && strcmp(name, "prime256v1") == 0;
}

EVP_PKEY *gh_p256_read(const uint8_t *der, size_t count) {
    if (!fits(count)) return NULL;
    const unsigned char *position = der;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &position, (long)count);
    if (key && (position != der + count || !EVP_PKEY_is_a(key, "EC") || !is_p256(key))) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

EVP_PKEY *gh_p256_public(const uint8_t *x, const uint8_t *y) {
    uint8_t point[65] = {4};
    memcpy(point + 1, x, 32);
    memcpy(point + 33, y, 32);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

size_t gh_p256_write(EVP_PKEY *key, uint8_t *output, size_t capacity) {
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    if (!info) return 0;
    unsigned char *position = output;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
    if (length > 0 && (size_t)length <= capacity) length = i2d_PKCS8_PRIV_KEY_INFO(info, &position);
    else length = 0;
    PKCS8_PRIV_KEY_INFO_free(info);
    return length > 0 ? (size_t)length : 0;
}

int gh_p256_coordinates(EVP_PKEY *key, uint8_t *x, uint8_t *y) {
    BIGNUM *x_number = NULL, *y_number = NULL;
    int done = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x_number) == 1 &&
               EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y_number) == 1 &&
               BN_bn2binpad(x_number, x, 32) == 32 && BN_bn2binpad(y_number, y, 32) == 32;
    BN_free(x_number);
    BN_free(y_number);
    return done;
}

int gh_es256_sign(EVP_PKEY *key, const uint8_t *message, size_t count, uint8_t *signature) {
    uint8_t der[80];
    size_t length = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
               EVP_DigestSign(context, der, &length, message, count) == 1;
    EVP_MD_CTX_free(context);
    if (!done) return 0;
    const unsigned char *position = der;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &position, (long)length);
    done = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32 &&
           BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32;
    ECDSA_SIG_free(pair);
    return done;
}

int gh_es256_verify(EVP_PKEY *key, const uint8_t *message, size_t count, const uint8_t *signature) {
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    if (!pair || !r || !s || ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(pair);
        return 0;
    }
    unsigned char *der = NULL;
    int length = i2d_ECDSA_SIG(pair, &der);
    ECDSA_SIG_free(pair);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = length > 0 && context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
               EVP_DigestVerify(context, der, (size_t)length, message, count) == 1;
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    return done;
}
