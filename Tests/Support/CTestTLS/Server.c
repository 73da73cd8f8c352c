#define _GNU_SOURCE
#include "CTestTLS.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct test_tls_server {
    SSL_CTX *context;
    int listener;
};

static int use(SSL_CTX *context, const uint8_t *chain, size_t chain_count, const uint8_t *key, size_t key_count) {
    BIO *bio = BIO_new_mem_buf(chain, (int)chain_count);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    bio = BIO_new_mem_buf(key, (int)key_count);
    EVP_PKEY *pair = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    int done = certificate && pair && SSL_CTX_use_certificate(context, certificate) == 1 &&
               SSL_CTX_use_PrivateKey(context, pair) == 1;
    X509_free(certificate);
    EVP_PKEY_free(pair);
    return done;
}

test_tls_server *test_tls_listen(const char *address, const uint8_t *chain, size_t chain_count, const uint8_t *key,
                                 size_t key_count, uint16_t *port) {
    // A client that has gone must not end the tests.
    signal(SIGPIPE, SIG_IGN);
    test_tls_server *server = calloc(1, sizeof *server);
    if (!server) return NULL;
    struct sockaddr_in place = {.sin_family = AF_INET};
    socklen_t length = sizeof place;
    server->context = SSL_CTX_new(TLS_server_method());
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int is_ready = server->context && server->listener >= 0 &&
                   use(server->context, chain, chain_count, key, key_count) &&
                   inet_pton(AF_INET, address, &place.sin_addr) == 1 &&
                   bind(server->listener, (struct sockaddr *)&place, sizeof place) == 0 &&
                   listen(server->listener, 16) == 0 &&
                   getsockname(server->listener, (struct sockaddr *)&place, &length) == 0;
    if (!is_ready) {
        test_tls_server_free(server);
        return NULL;
    }
    *port = ntohs(place.sin_port);
    return server;
}

void test_tls_server_stop(test_tls_server *server) { shutdown(server->listener, SHUT_RDWR); }

void test_tls_server_free(test_tls_server *server) {
    if (!server) return;
    if (server->listener >= 0) close(server->listener);
    SSL_CTX_free(server->context);
    free(server);
}

struct test_tls_peer {
    SSL *tls;
    int number;
};

test_tls_peer *test_tls_accept(test_tls_server *server, int *is_stopped) {
    int number = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    *is_stopped = number < 0;
    if (number < 0) return NULL;
    SSL *tls = SSL_new(server->context);
    test_tls_peer *peer = calloc(1, sizeof *peer);
    if (tls && peer && SSL_set_fd(tls, number) == 1 && SSL_accept(tls) == 1) {
        peer->tls = tls;
        peer->number = number;
        return peer;
    }
    ERR_clear_error();
    SSL_free(tls);
    free(peer);
    close(number);
    return NULL;
}

long test_tls_peer_read(test_tls_peer *peer, uint8_t *bytes, size_t capacity) {
    int count = SSL_read(peer->tls, bytes, (int)capacity);
    ERR_clear_error();
    return count;
}

int test_tls_peer_write(test_tls_peer *peer, const uint8_t *bytes, size_t count) {
    int written = SSL_write(peer->tls, bytes, (int)count);
    ERR_clear_error();
    return written == (int)count;
}

void test_tls_peer_free(test_tls_peer *peer) {
    SSL_shutdown(peer->tls);
    ERR_clear_error();
    SSL_free(peer->tls);
    close(peer->number);
    free(peer);
}
