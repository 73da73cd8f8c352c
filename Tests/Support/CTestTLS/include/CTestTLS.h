// A TLS client in memory, made of OpenSSL's own client API, for tests of the server side. Never part of the product.
#ifndef GATEHOUSE_CTESTTLS_H
#define GATEHOUSE_CTESTTLS_H

#include <stddef.h>
#include <stdint.h>

typedef struct test_tls_client test_tls_client;
typedef struct test_tls_session test_tls_session;

enum { TEST_TLS_1_0 = 0x0301, TEST_TLS_1_1 = 0x0302, TEST_TLS_1_2 = 0x0303, TEST_TLS_1_3 = 0x0304 };
enum { TEST_TLS_DONE = 1, TEST_TLS_WANTS_MORE = 0, TEST_TLS_FAILED = -1, TEST_TLS_CLOSED = -2 };

/// What a client offers; NULL and 0 where it leaves a thing to OpenSSL.
typedef struct {
    int lowest_version, highest_version;
    const char *server_name;
    /// In OpenSSL's syntax, for TLS 1.2 and older.
    const char *ciphers;
    /// As on the wire: a length and a name, again and again.
    const uint8_t *alpn;
    size_t alpn_count;
    test_tls_session *session;
} test_tls_options;

test_tls_client *test_tls_new(const test_tls_options *options);
void test_tls_free(test_tls_client *client);

/// Goes on with the handshake: DONE, WANTS_MORE or FAILED.
int test_tls_handshake(test_tls_client *client);
/// Ciphertext from the server.
void test_tls_feed(test_tls_client *client, const uint8_t *bytes, size_t count);
/// Ciphertext for the server; returns how many bytes.
size_t test_tls_take(test_tls_client *client, uint8_t *bytes, size_t capacity);
/// Plaintext from the server: a count, or WANTS_MORE, FAILED, CLOSED.
long test_tls_read(test_tls_client *client, uint8_t *bytes, size_t capacity);
/// Plaintext for the server; 1 when it was taken.
int test_tls_write(test_tls_client *client, const uint8_t *bytes, size_t count);
/// Sends close_notify.
void test_tls_close(test_tls_client *client);
/// Asks for a new handshake (TLS 1.2).
int test_tls_renegotiate(test_tls_client *client);

const char *test_tls_version(const test_tls_client *client);
const char *test_tls_cipher(const test_tls_client *client);
/// The common name of the server's certificate; how many bytes were written.
size_t test_tls_peer_name(const test_tls_client *client, char *name, size_t capacity);
/// The application protocol that was agreed on; how many bytes were written.
size_t test_tls_alpn(const test_tls_client *client, uint8_t *name, size_t capacity);
int test_tls_is_resumed(const test_tls_client *client);

/// The newest session that the server gave, to be freed by the caller; NULL for none.
test_tls_session *test_tls_session_of(test_tls_client *client);
void test_tls_session_free(test_tls_session *session);

// A server on a TCP socket, blocking, for what speaks to the network itself.
typedef struct test_tls_server test_tls_server;
typedef struct test_tls_peer test_tls_peer;

/// Listens at an IPv4 address, at a port that the host chooses; NULL on failure.
test_tls_server *test_tls_listen(const char *address, const uint8_t *chain, size_t chain_count, const uint8_t *key,
                                 size_t key_count, uint16_t *port);
/// Ends `test_tls_accept`, now and for good; from any thread.
void test_tls_server_stop(test_tls_server *server);
void test_tls_server_free(test_tls_server *server);
/// Waits for a connection and shakes hands; NULL where that failed, or where it was stopped.
test_tls_peer *test_tls_accept(test_tls_server *server, int *is_stopped);
/// As `SSL_read`.
long test_tls_peer_read(test_tls_peer *peer, uint8_t *bytes, size_t capacity);
/// 1 where all was written.
int test_tls_peer_write(test_tls_peer *peer, const uint8_t *bytes, size_t count);
void test_tls_peer_free(test_tls_peer *peer);

/// 1 where the certificate in DER is of version 3, signed itself, and is valid by OpenSSL's strict rules at that second
/// where it is the only one that is trusted.
int test_certificate_stands_alone(const uint8_t *der, size_t count, int64_t at);

#endif
