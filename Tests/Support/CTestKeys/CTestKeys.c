#include "CTestKeys.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

test_key *test_key_new(const char *kind, unsigned bits) {
    if (strcmp(kind, "RSA") == 0) return EVP_RSA_gen(bits);
    if (strncmp(kind, "ED", 2) == 0) return EVP_PKEY_Q_keygen(NULL, NULL, kind);
    return EVP_EC_gen(kind);
}

void test_key_free(test_key *key) { EVP_PKEY_free(key); }

static int take_number(test_key *key, const char *name, int width, uint8_t *output, size_t *count) {
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return 0;
    int length = BN_bn2binpad(number, output, width ? width : BN_num_bytes(number));
    BN_free(number);
    if (length < 0) return 0;
    *count = (size_t)length;
    return 1;
}

int test_key_public(test_key *key, uint8_t *first, size_t *first_count, uint8_t *second, size_t *second_count) {
    if (EVP_PKEY_is_a(key, "RSA"))
        return take_number(key, OSSL_PKEY_PARAM_RSA_N, 0, first, first_count) &&
               take_number(key, OSSL_PKEY_PARAM_RSA_E, 0, second, second_count);
    if (EVP_PKEY_is_a(key, "EC")) {
        int width = (EVP_PKEY_get_bits(key) + 7) / 8;
        return take_number(key, OSSL_PKEY_PARAM_EC_PUB_X, width, first, first_count) &&
               take_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, width, second, second_count);
    }
    *first_count = 1024;
    *second_count = 0;
    return EVP_PKEY_get_raw_public_key(key, first, first_count) == 1;
}

size_t test_key_sign(test_key *key, const char *digest, const uint8_t *message, size_t count, uint8_t *signature,
                     size_t capacity) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t length = capacity;
    int done = EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1 &&
               EVP_DigestSign(context, signature, &length, message, count) == 1;
    EVP_MD_CTX_free(context);
    return done ? length : 0;
}

static void add_name(X509_NAME *name, const char *field, const char *value) {
    if (value)
        X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0);
}

static void add_constraints(X509 *made, int is_authority) {
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
    constraints->ca = is_authority ? 0xff : 0;
    X509_add1_ext_i2d(made, NID_basic_constraints, constraints, 1, X509V3_ADD_APPEND);
    BASIC_CONSTRAINTS_free(constraints);
}

static void add_aaguid(X509 *made, const test_certificate *certificate) {
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(value, certificate->aaguid, (int)certificate->aaguid_count);
    ASN1_OBJECT *identifier = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
    X509_EXTENSION *extension =
        X509_EXTENSION_create_by_OBJ(NULL, identifier, certificate->is_aaguid_critical, value);
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(identifier);
    ASN1_OCTET_STRING_free(value);
}

size_t test_certificate_make(test_key *key, const char *digest, const test_certificate *certificate, uint8_t *der,
                             size_t capacity) {
    X509 *made = X509_new();
    X509_set_version(made, certificate->version - 1);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 4711);
    ASN1_TIME_set_string(X509_getm_notBefore(made), "20240101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(made), "21240101000000Z");
    X509_NAME *name = X509_NAME_new();
    add_name(name, "C", certificate->country);
    add_name(name, "O", certificate->organization);
    add_name(name, "OU", certificate->unit);
    add_name(name, "OU", certificate->second_unit);
    add_name(name, "CN", certificate->common_name);
    X509_set_subject_name(made, name);
    X509_set_issuer_name(made, name);
    X509_NAME_free(name);
    if (certificate->is_authority >= 0) add_constraints(made, certificate->is_authority);
    if (certificate->aaguid) add_aaguid(made, certificate);
    X509_set_pubkey(made, key);
    int length = -1;
    if (X509_sign(made, key, digest ? EVP_get_digestbyname(digest) : NULL) > 0) length = i2d_X509(made, NULL);
    if (length > 0 && (size_t)length <= capacity) length = i2d_X509(made, &der);
    else length = 0;
    X509_free(made);
    return (size_t)length;
}
