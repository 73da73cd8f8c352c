#include "COpenSSL.h"

#include <openssl/rsa.h>
#include <string.h>

// Keys of our own with certificates that nobody else signed.

static int add_extension(X509 *certificate, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    int done = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static int set_serial(X509 *certificate) {
    // 127 random bits: positive, and never zero in practice (RFC 5280 §4.1.2.2).
    BIGNUM *number = BN_new();
    int done = number && BN_rand(number, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
               BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return done;
}

static int fill(X509 *certificate, EVP_PKEY *key, const char *name, size_t name_count, int64_t not_before,
                int64_t not_after) {
    X509_NAME *subject = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)not_before) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)not_after) != NULL &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, (int)name_count, -1,
                                      0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
           add_extension(certificate, NID_subject_key_identifier, "hash") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

/// The private key as PKCS#8 in PEM; the memory in between is overwritten when the BIO goes.
static size_t write_key(EVP_PKEY *key, uint8_t *output, size_t capacity) {
    BIO *bio = BIO_new(BIO_s_mem());
    size_t written = 0;
    if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        char *bytes = NULL;
        long count = BIO_get_mem_data(bio, &bytes);
        if (count > 0 && (size_t)count <= capacity) {
            memcpy(output, bytes, (size_t)count);
            written = (size_t)count;
        }
        if (count > 0) OPENSSL_cleanse(bytes, (size_t)count);
    }
    BIO_free(bio);
    return written;
}

static size_t write_certificate(X509 *certificate, uint8_t *output, size_t capacity) {
    unsigned char *position = output;
    int length = i2d_X509(certificate, NULL);
    if (length <= 0 || (size_t)length > capacity) return 0;
    return i2d_X509(certificate, &position) == length ? (size_t)length : 0;
}

int gh_rsa_self_signed(unsigned int bits, const char *name, size_t name_count, int64_t not_before, int64_t not_after,
                       gh_self_signed *pair) {
    if (name_count > 256) return 0;
    EVP_PKEY *key = EVP_RSA_gen(bits);
    X509 *certificate = key ? X509_new() : NULL;
    int done = certificate && fill(certificate, key, name, name_count, not_before, not_after);
    if (done) {
        pair->certificate_count = write_certificate(certificate, pair->certificate, pair->certificate_count);
        pair->key_count = write_key(key, pair->key, pair->key_count);
        done = pair->certificate_count > 0 && pair->key_count > 0;
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return done;
}
