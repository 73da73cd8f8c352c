#include "COpenSSL.h"

#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

// Public keys that somebody else made, their signatures, and the certificates of authenticators.

static int fits(size_t count) { return count <= 0x7fffffff; }

static EVP_PKEY *from_parameters(const char *type, OSSL_PARAM *parameters) {
    EVP_PKEY_CTX *context = parameters ? EVP_PKEY_CTX_new_from_name(NULL, type, NULL) : NULL;
    EVP_PKEY *key = NULL;
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

EVP_PKEY *gh_ec_public(const char *group, const uint8_t *point, size_t count) {
    // Reading the point finds whether it lies on the curve.
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, count),
        OSSL_PARAM_construct_end(),
    };
    return from_parameters("EC", parameters);
}

// No key of another size, and no exponent that makes a verification slow or void.
static int is_sound_rsa(const BIGNUM *modulus, const BIGNUM *exponent) {
    int bits = BN_num_bits(modulus);
    return bits >= 2048 && bits <= 8192 && BN_is_odd(modulus) && BN_is_odd(exponent) && !BN_is_one(exponent) &&
           BN_num_bits(exponent) <= 64;
}

EVP_PKEY *gh_rsa_public(const uint8_t *modulus, size_t modulus_count, const uint8_t *exponent, size_t exponent_count) {
    if (modulus_count > 1024 || exponent_count > 8) return NULL;
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_count, NULL), *e = BN_bin2bn(exponent, (int)exponent_count, NULL);
    OSSL_PARAM_BLD *builder = n && e && is_sound_rsa(n, e) ? OSSL_PARAM_BLD_new() : NULL;
    OSSL_PARAM *parameters = NULL;
    if (builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY *key = from_parameters("RSA", parameters);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

EVP_PKEY *gh_ed25519_public(const uint8_t *key) { return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, 32); }

static int is_on_curve(EVP_PKEY *key, const char *curve) {
    char name[32];
    size_t length = 0;
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, name, sizeof name, &length) == 1 &&
           strcmp(name, curve) == 0;
}

static int is_rsa(EVP_PKEY *key) {
    BIGNUM *n = NULL, *e = NULL;
    int is_sound = EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                   EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && is_sound_rsa(n, e);
    BN_free(n);
    BN_free(e);
    return is_sound;
}

int gh_key_fits(EVP_PKEY *key, int algorithm) {
    switch (algorithm) {
    case GH_ES256: return is_on_curve(key, "prime256v1");
    case GH_ES384: return is_on_curve(key, "secp384r1");
    case GH_RS256: return is_rsa(key);
    case GH_EDDSA: return EVP_PKEY_is_a(key, "ED25519");
    default: return 0;
    }
}

int gh_signature_verify(EVP_PKEY *key, int algorithm, const uint8_t *message, size_t count, const uint8_t *signature,
                        size_t signature_count) {
    const EVP_MD *digest = algorithm == GH_EDDSA ? NULL : algorithm == GH_ES384 ? EVP_sha384() : EVP_sha256();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = context && EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1 &&
               EVP_DigestVerify(context, signature, signature_count, message, count) == 1;
    EVP_MD_CTX_free(context);
    return done;
}

X509 *gh_certificate_read_der(const uint8_t *der, size_t count) {
    if (!fits(count)) return NULL;
    const unsigned char *position = der;
    X509 *certificate = d2i_X509(NULL, &position, (long)count);
    if (certificate && position != der + count) {
        X509_free(certificate);
        certificate = NULL;
    }
    return certificate;
}

void gh_certificate_subject(X509 *certificate, int nid, void (*take)(const char *, size_t, void *), void *argument) {
    const X509_NAME *name = X509_get_subject_name(certificate);
    for (int at = X509_NAME_get_index_by_NID(name, nid, -1); at >= 0; at = X509_NAME_get_index_by_NID(name, nid, at)) {
        unsigned char *text = NULL;
        int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        if (length < 0) continue;
        take((const char *)text, (size_t)length, argument);
        OPENSSL_free(text);
    }
}

int gh_certificate_is_authority(X509 *certificate) {
    BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(certificate, NID_basic_constraints, NULL, NULL);
    if (!constraints) return -1;
    int is_authority = constraints->ca != 0;
    BASIC_CONSTRAINTS_free(constraints);
    return is_authority;
}

int gh_certificate_extension(X509 *certificate, const char *identifier, int *is_critical, uint8_t *output,
                             size_t capacity) {
    ASN1_OBJECT *object = OBJ_txt2obj(identifier, 1);
    int at = object ? X509_get_ext_by_OBJ(certificate, object, -1) : -1;
    int is_repeated = at >= 0 && X509_get_ext_by_OBJ(certificate, object, at) >= 0;
    ASN1_OBJECT_free(object);
    if (!object) return -2;
    if (at < 0) return -1;
    X509_EXTENSION *extension = X509_get_ext(certificate, at);
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
    int length = ASN1_STRING_length(value);
    if (is_repeated || length < 0 || (size_t)length > capacity) return -2;
    *is_critical = X509_EXTENSION_get_critical(extension);
    memcpy(output, ASN1_STRING_get0_data(value), (size_t)length);
    return length;
}
