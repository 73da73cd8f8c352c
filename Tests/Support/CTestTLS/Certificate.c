#include "CTestTLS.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

int test_certificate_stands_alone(const uint8_t *der, size_t count, int64_t at) {
    const unsigned char *position = der;
    X509 *certificate = d2i_X509(NULL, &position, (long)count);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int done = certificate && position == der + count && store && context &&
               X509_get_version(certificate) == X509_VERSION_3 &&
               X509_verify(certificate, X509_get0_pubkey(certificate)) == 1 &&
               X509_STORE_add_cert(store, certificate) == 1 &&
               X509_STORE_CTX_init(context, store, certificate, NULL) == 1;
    if (done) {
        X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(rules, (time_t)at);
        X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
        done = X509_verify_cert(context) == 1;
    }
    ERR_clear_error();
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(certificate);
    return done;
}
