#include "CTestTLS.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

struct test_tls_client {
    SSL_CTX *context;
    SSL *tls;
    BIO *incoming, *outgoing;
    SSL_SESSION *session;
};

static int keep_session(SSL *tls, SSL_SESSION *session) {
    test_tls_client *client = SSL_get_app_data(tls);
    SSL_SESSION_free(client->session);
    client->session = session;
    return 1;
}

test_tls_client *test_tls_new(const test_tls_options *options) {
    test_tls_client *client = calloc(1, sizeof *client);
    if (!client) return NULL;
    client->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(client->context, 0);
    SSL_CTX_set_min_proto_version(client->context, options->lowest_version);
    SSL_CTX_set_max_proto_version(client->context, options->highest_version);
    SSL_CTX_set_session_cache_mode(client->context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(client->context, keep_session);
    if (options->ciphers) SSL_CTX_set_cipher_list(client->context, options->ciphers);
    if (options->alpn_count) SSL_CTX_set_alpn_protos(client->context, options->alpn, (unsigned)options->alpn_count);
    client->tls = SSL_new(client->context);
    client->incoming = BIO_new(BIO_s_mem());
    client->outgoing = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(client->incoming, -1);
    SSL_set_bio(client->tls, client->incoming, client->outgoing);
    SSL_set_app_data(client->tls, client);
    if (options->server_name) SSL_set_tlsext_host_name(client->tls, options->server_name);
    if (options->session) {
        // A copy: OpenSSL marks a session that was resumed once as used up, and tests resume one again and again.
        SSL_SESSION *copy = SSL_SESSION_dup((SSL_SESSION *)options->session);
        SSL_set_session(client->tls, copy);
        SSL_SESSION_free(copy);
    }
    SSL_set_connect_state(client->tls);
    return client;
}

void test_tls_free(test_tls_client *client) {
    if (!client) return;
    SSL_free(client->tls);
    SSL_SESSION_free(client->session);
    SSL_CTX_free(client->context);
    free(client);
}

static int outcome(test_tls_client *client, int result) {
    int error = SSL_get_error(client->tls, result);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return TEST_TLS_WANTS_MORE;
    return error == SSL_ERROR_ZERO_RETURN ? TEST_TLS_CLOSED : TEST_TLS_FAILED;
}

int test_tls_handshake(test_tls_client *client) {
    ERR_clear_error();
    int result = SSL_do_handshake(client->tls);
    return result == 1 ? TEST_TLS_DONE : outcome(client, result);
}

void test_tls_feed(test_tls_client *client, const uint8_t *bytes, size_t count) {
    if (count) BIO_write(client->incoming, bytes, (int)count);
}

size_t test_tls_take(test_tls_client *client, uint8_t *bytes, size_t capacity) {
    int count = BIO_read(client->outgoing, bytes, (int)capacity);
    return count > 0 ? (size_t)count : 0;
}

long test_tls_read(test_tls_client *client, uint8_t *bytes, size_t capacity) {
    ERR_clear_error();
    int count = SSL_read(client->tls, bytes, (int)capacity);
    return count > 0 ? count : outcome(client, count);
}

int test_tls_write(test_tls_client *client, const uint8_t *bytes, size_t count) {
    ERR_clear_error();
    return SSL_write(client->tls, bytes, (int)count) == (int)count;
}

void test_tls_close(test_tls_client *client) {
    SSL_shutdown(client->tls);
    ERR_clear_error();
}

int test_tls_renegotiate(test_tls_client *client) {
    ERR_clear_error();
    if (SSL_renegotiate(client->tls) != 1) return TEST_TLS_FAILED;
    return test_tls_handshake(client);
}

const char *test_tls_version(const test_tls_client *client) { return SSL_get_version(client->tls); }

const char *test_tls_cipher(const test_tls_client *client) { return SSL_get_cipher_name(client->tls); }

size_t test_tls_peer_name(const test_tls_client *client, char *name, size_t capacity) {
    X509 *certificate = SSL_get0_peer_certificate(client->tls);
    if (!certificate) return 0;
    int count = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, (int)capacity);
    return count > 0 ? (size_t)count : 0;
}

size_t test_tls_alpn(const test_tls_client *client, uint8_t *name, size_t capacity) {
    const unsigned char *found = NULL;
    unsigned count = 0;
    SSL_get0_alpn_selected(client->tls, &found, &count);
    if (count > capacity) return 0;
    if (count) memcpy(name, found, count);
    return count;
}

int test_tls_is_resumed(const test_tls_client *client) { return SSL_session_reused(client->tls); }

test_tls_session *test_tls_session_of(test_tls_client *client) {
    SSL_SESSION *session = client->session;
    client->session = NULL;
    return (test_tls_session *)session;
}

void test_tls_session_free(test_tls_session *session) { SSL_SESSION_free((SSL_SESSION *)session); }
