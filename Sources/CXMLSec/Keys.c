#include "Parts.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

const EVP_MD *gh_xml_digest(int digest) {
    switch (digest) {
    case GH_XML_SHA1: return EVP_sha1();
    case GH_XML_SHA256: return EVP_sha256();
    case GH_XML_SHA384: return EVP_sha384();
    case GH_XML_SHA512: return EVP_sha512();
    default: return NULL;
    }
}

/// Takes the key over.
static gh_xml_key *adopt(EVP_PKEY *pkey) {
    ERR_clear_error();
    gh_xml_key *key = pkey ? calloc(1, sizeof *key) : NULL;
    if (!key) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    key->pkey = pkey;
    if (gh_xml_key_kind(key)) return key;
    gh_xml_key_free(key);
    return NULL;
}

static X509 *certificate_of(const uint8_t *der, size_t count) {
    if (count > INT_MAX) return NULL;
    const unsigned char *position = der;
    X509 *certificate = d2i_X509(NULL, &position, (long)count);
    if (certificate && position != der + count) {
        X509_free(certificate);
        certificate = NULL;
    }
    ERR_clear_error();
    return certificate;
}

gh_xml_key *gh_xml_key_of_certificate(const uint8_t *der, size_t count) {
    X509 *certificate = certificate_of(der, count);
    EVP_PKEY *pkey = certificate ? X509_get_pubkey(certificate) : NULL;
    X509_free(certificate);
    return adopt(pkey);
}

static int no_passphrase(char *buffer, int size, int is_writing, void *argument) {
    (void)buffer, (void)size, (void)is_writing, (void)argument;
    return 0;
}

gh_xml_key *gh_xml_key_of_pem(const uint8_t *pem, size_t count) {
    if (count > INT_MAX) return NULL;
    BIO *bio = BIO_new_mem_buf(pem, (int)count);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    return adopt(pkey);
}

void gh_xml_key_free(gh_xml_key *key) {
    if (!key) return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

int gh_xml_key_kind(const gh_xml_key *key) {
    switch (EVP_PKEY_get_base_id(key->pkey)) {
    case EVP_PKEY_RSA: return GH_XML_RSA;
    case EVP_PKEY_EC: return GH_XML_EC;
    default: return 0;
    }
}

int gh_xml_key_bits(const gh_xml_key *key) { return EVP_PKEY_get_bits(key->pkey); }

int gh_xml_key_fits(const gh_xml_key *key, const uint8_t *der, size_t count) {
    X509 *certificate = certificate_of(der, count);
    int fits = certificate && X509_check_private_key(certificate, key->pkey) == 1;
    X509_free(certificate);
    ERR_clear_error();
    return fits;
}

int gh_xml_key_sign(const gh_xml_key *key, const uint8_t *bytes, size_t count, uint8_t **signature,
                    size_t *signature_count) {
    if (gh_xml_key_kind(key) != GH_XML_RSA) return 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t capacity = 0;
    uint8_t *made = NULL;
    int done = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
               EVP_DigestSign(context, NULL, &capacity, bytes, count) == 1 && (made = malloc(capacity)) != NULL &&
               EVP_DigestSign(context, made, &capacity, bytes, count) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    if (!done) {
        free(made);
        return 0;
    }
    *signature = made;
    *signature_count = capacity;
    return 1;
}

int gh_xml_key_verify(const gh_xml_key *key, int digest, const uint8_t *bytes, size_t count, const uint8_t *signature,
                      size_t signature_count) {
    const EVP_MD *algorithm = gh_xml_digest(digest);
    if (!algorithm || gh_xml_key_kind(key) != GH_XML_RSA) return 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int is_right = context && EVP_DigestVerifyInit(context, NULL, algorithm, NULL, key->pkey) == 1 &&
                   EVP_DigestVerify(context, signature, signature_count, bytes, count) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return is_right;
}
