// The host's OpenSSL 3, and what of it Swift cannot call: macros, and callbacks whose pointers a Swift
// closure could not take.
#ifndef GATEHOUSE_COPENSSL_H
#define GATEHOUSE_COPENSSL_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>

/// The two ends of the BIO that all TLS sessions of one event loop share: ciphertext that has been received
/// and not yet read, and ciphertext that waits to be sent.
typedef struct {
    const uint8_t *incoming;
    size_t incoming_count;
    uint8_t *outgoing;
    size_t outgoing_count;
    size_t outgoing_capacity;
} gh_tls_scratch;

/// A BIO over `scratch`, which must outlive it; NULL when memory is out.
BIO *gh_bio_create(gh_tls_scratch *scratch);

/// A server context with every setting that does not depend on configuration; NULL on failure.
SSL_CTX *gh_tls_server_context(int is_tls13_only);

/// Asks `select` for the context of each client hello's server name (NULL, 0 where none was sent; lower-case is
/// up to it); `argument` must outlive the context.
typedef SSL_CTX *(*gh_tls_select)(const char *name, size_t count, void *argument);
int gh_tls_select_by_name(SSL_CTX *context, gh_tls_select select, void *argument);

/// Tickets: `find` gives key material (16 bytes of name, 32 of AES-256, 32 of HMAC) for a ticket's name, or for
/// a new ticket where `name` is NULL (it writes the name back).  Returns 0 for unknown, 1 for the current
/// key, 2 for an older one that should be renewed.
typedef int (*gh_ticket_find)(const unsigned char *name, unsigned char *key_name, unsigned char *aes, unsigned char *mac,
                              void *argument);
int gh_tls_tickets(SSL_CTX *context, gh_ticket_find find, void *argument);

/// Takes HTTP/1.1 from the client's ALPN list; refuses the handshake if the list has only others.
int gh_tls_alpn_http1(SSL_CTX *context);

void gh_tls_set_scratch(SSL *tls, BIO *bio);

int gh_tls_use_chain(SSL_CTX *context, const uint8_t *pem, size_t count);
/// 1 where every certificate of the file can be read, 0 where one is broken: the error queue says how.
int gh_chain_is_whole(const uint8_t *pem, size_t count);
int gh_tls_use_key(SSL_CTX *context, const uint8_t *pem, size_t count);

/// The names of a certificate: calls `take` for each dNSName and for the common name if there is none.
void gh_certificate_names(X509 *certificate, void (*take)(const char *name, size_t count, void *argument),
                          void *argument);
/// Seconds since 1970 of notBefore and notAfter; 0 on failure.
int gh_certificate_period(X509 *certificate, int64_t *not_before, int64_t *not_after);
X509 *gh_certificate_read(const uint8_t *pem, size_t count);
EVP_PKEY *gh_key_read(const uint8_t *pem, size_t count);

/// The version as OpenSSL names it, and the peer's signal for the log.
const char *gh_tls_version(const SSL *tls);
/// Empties the thread's error queue and returns its last reason's text, or NULL.
const char *gh_last_error(char *buffer, size_t capacity);

#endif
