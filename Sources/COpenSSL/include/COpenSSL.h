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

/// SHA-256 of `count` bytes, with a context that the calling thread keeps; 0 where memory or the algorithm is missing.
int gh_sha256(const uint8_t *bytes, size_t count, uint8_t digest[32]);

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

/// Takes h2, where it is offered, or else http/1.1 from the client's ALPN list; refuses the handshake if the list has
/// neither (RFC 7301 §3.2).
int gh_tls_alpn(SSL_CTX *context, int offers_http2);

/// 1 where the handshake has agreed on h2.
int gh_tls_is_http2(const SSL *tls);

void gh_tls_set_scratch(SSL *tls, BIO *bio);

/// A client context that verifies whom it speaks with, TLS 1.2 or 1.3, with room for one session of each of `servers`
/// servers, to be resumed; it trusts nobody yet.  NULL on failure.
SSL_CTX *gh_tls_client_context(size_t servers);
/// Trusts the certificates of a PEM text, roots or not, and nobody else; how many there are, 0 on failure.
int gh_tls_trust(SSL_CTX *context, const uint8_t *pem, size_t count);
/// Trusts whom the system trusts.
int gh_tls_trust_system(SSL_CTX *context);
/// The application protocols that a client offers, as on the wire (RFC 7301 §3.1); 1 on success.
int gh_tls_offer(SSL_CTX *context, const uint8_t *protocols, unsigned int count);
/// Makes `tls` the client's end of a connection to the server at position `server`, whose certificate must be for
/// `name`, an IP address or a DNS name, which is then sent as SNI; resumes its last session where there is one.
int gh_tls_connect(SSL *tls, const char *name, int is_address, size_t server);
/// Why the peer's certificate was refused, in OpenSSL's words; NULL where it was not.
const char *gh_tls_distrust(const SSL *tls);

int gh_tls_use_chain(SSL_CTX *context, const uint8_t *pem, size_t count);
/// 1 where every certificate of the file can be read, 0 where one is broken: the error queue says how.
int gh_chain_is_whole(const uint8_t *pem, size_t count);
int gh_tls_use_key(SSL_CTX *context, const uint8_t *pem, size_t count);

/// The names of a certificate: calls `take` for each dNSName and for the common name if there is none.
void gh_certificate_names(X509 *certificate, void (*take)(const char *name, size_t count, void *argument),
                          void *argument);
/// The addresses of a certificate: calls `take` for each iPAddress, with its 4 or 16 bytes.
void gh_certificate_addresses(X509 *certificate, void (*take)(const char *bytes, size_t count, void *argument),
                              void *argument);
/// The issuer's name (RFC 2253, controls escaped) into `buffer`, cut where it does not fit, ended by zero; 0 on failure.
int gh_certificate_issuer(X509 *certificate, char *buffer, size_t capacity);
/// Seconds since 1970 of notBefore and notAfter; 0 on failure.
int gh_certificate_period(X509 *certificate, int64_t *not_before, int64_t *not_after);
X509 *gh_certificate_read(const uint8_t *pem, size_t count);
EVP_PKEY *gh_key_read(const uint8_t *pem, size_t count);

// --- Sealing and keys -----------------------------------------------------------------------------------
// 1 for success, 0 for failure, whose reason is left in the thread's error queue.

/// AES-256-GCM (SP 800-38D): `output` has room for `count` bytes, `tag` for 16; the key has 32, the nonce 12.
int gh_gcm_seal(const uint8_t *key, const uint8_t *nonce, const uint8_t *associated, size_t associated_count,
                const uint8_t *plain, size_t count, uint8_t *output, uint8_t *tag);
/// As `gh_gcm_seal`, the other way round; what is in `output` after a failure must not be used.
int gh_gcm_open(const uint8_t *key, const uint8_t *nonce, const uint8_t *associated, size_t associated_count,
                const uint8_t *sealed, size_t count, const uint8_t *tag, uint8_t *output);
/// HMAC-SHA-256 (RFC 2104): 32 bytes into `code`.
int gh_hmac_sha256(const uint8_t *key, size_t key_count, const uint8_t *message, size_t count, uint8_t *code);
/// HMAC-SHA-1, for one-time passwords alone (RFC 4226): 20 bytes into `code`.
int gh_hmac_sha1(const uint8_t *key, size_t key_count, const uint8_t *message, size_t count, uint8_t *code);
/// HMAC-SHA-512 (RFC 2104): 64 bytes into `code`.
int gh_hmac_sha512(const uint8_t *key, size_t key_count, const uint8_t *message, size_t count, uint8_t *code);
/// HKDF-SHA-256 (RFC 5869), extract and expand.
int gh_hkdf_sha256(const uint8_t *secret, size_t secret_count, const uint8_t *salt, size_t salt_count,
                   const uint8_t *info, size_t info_count, uint8_t *output, size_t count);

/// A new key pair on P-256; NULL on failure.
EVP_PKEY *gh_p256_generate(void);
/// Reads a PKCS#8 private key; NULL where it is not one on P-256.
EVP_PKEY *gh_p256_read(const uint8_t *der, size_t count);
/// From the two coordinates of a public key, 32 bytes each; NULL where they are no point of the curve.
EVP_PKEY *gh_p256_public(const uint8_t *x, const uint8_t *y);
/// PKCS#8 DER of the private key into `output`; the number of bytes, 0 where `capacity` is too small.
size_t gh_p256_write(EVP_PKEY *key, uint8_t *output, size_t capacity);
/// The public key's coordinates, 32 bytes each.
int gh_p256_coordinates(EVP_PKEY *key, uint8_t *x, uint8_t *y);
/// ES256 (RFC 7518 §3.4): R and S, 32 bytes each, into `signature`.
int gh_es256_sign(EVP_PKEY *key, const uint8_t *message, size_t count, uint8_t *signature);
/// 1 only where the 64 bytes are the key's signature of the message.
int gh_es256_verify(EVP_PKEY *key, const uint8_t *message, size_t count, const uint8_t *signature);

// --- Signatures by keys that others made, and certificates of authenticators ----------------------------

#define GH_ES256 1
#define GH_ES384 2
#define GH_RS256 3
#define GH_EDDSA 4

/// A public key from an uncompressed point (SEC 1 §2.3.3) of the group; NULL where it is no point of the curve.
EVP_PKEY *gh_ec_public(const char *group, const uint8_t *point, size_t count);
/// An RSA public key of 2048 to 8192 bits, with an odd exponent of 3 up to 64 bits; NULL for anything else.
EVP_PKEY *gh_rsa_public(const uint8_t *modulus, size_t modulus_count, const uint8_t *exponent, size_t exponent_count);
/// An Ed25519 public key from its 32 bytes; NULL on failure.
EVP_PKEY *gh_ed25519_public(const uint8_t *key);
/// 1 where the key is of the kind, curve and size that the algorithm asks for.
int gh_key_fits(EVP_PKEY *key, int algorithm);
/// 1 only where this is the key's signature of the message: ECDSA as DER, RSASSA-PKCS1-v1_5, or Ed25519's 64 bytes.
/// The key must fit the algorithm.
int gh_signature_verify(EVP_PKEY *key, int algorithm, const uint8_t *message, size_t count, const uint8_t *signature,
                        size_t signature_count);
/// A certificate in DER, and nothing behind it; NULL otherwise.
X509 *gh_certificate_read_der(const uint8_t *der, size_t count);
/// Calls `take` with each value, as UTF-8, that the subject has under the identifier.
void gh_certificate_subject(X509 *certificate, int nid, void (*take)(const char *text, size_t count, void *argument),
                            void *argument);
/// The CA component of the basic constraints, 0 or 1; -1 where they are missing, stand twice or cannot be read.
int gh_certificate_is_authority(X509 *certificate);
/// The value (what the extension's OCTET STRING holds) of the extension with the identifier in dotted form; how many
/// bytes it has, -1 where there is none, -2 where it stands twice or does not fit.
int gh_certificate_extension(X509 *certificate, const char *identifier, int *is_critical, uint8_t *output,
                             size_t capacity);

// --- Keys of our own with certificates that nobody else signed -------------------------------------------

/// Where both are written: on the way in with the room that there is, on the way out with what was used.
typedef struct {
    /// The private key as PKCS#8 in PEM.
    uint8_t *key;
    size_t key_count;
    /// The certificate in DER.
    uint8_t *certificate;
    size_t certificate_count;
} gh_self_signed;

/// A new RSA key of `bits`, and a certificate for it that it signed itself with SHA-256.
/// `name` is the common name: UTF-8, 1 to 64 characters.  Times are in seconds since 1970.
int gh_rsa_self_signed(unsigned int bits, const char *name, size_t name_count, int64_t not_before, int64_t not_after,
                       gh_self_signed *pair);

/// The version as OpenSSL names it, and the peer's signal for the log.
const char *gh_tls_version(const SSL *tls);
/// Empties the thread's error queue and returns its last reason's text, or NULL.
const char *gh_last_error(char *buffer, size_t capacity);

#endif
