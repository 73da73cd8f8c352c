// The host's libxml2 and libxmlsec1, with OpenSSL beneath, behind a few functions: a document of bounded size becomes a
// list of nodes, and a signature is verified with one key that the caller names.  Nothing here reads a file or the
// network, follows an entity, reads a KeyInfo or says anything on standard error.  Whoever calls looks at the bounds of
// the input before (attributes, depth, elements): libxml2 is slow beyond them.
//
// Objects belong to one thread at a time, but for keys, which are never changed and may be used by many at once.
#ifndef GATEHOUSE_CXMLSEC_H
#define GATEHOUSE_CXMLSEC_H

#include <stddef.h>
#include <stdint.h>

/// Prepares both libraries once a process; safe to call again from any thread. 1, or 0 where they cannot be used.
int gh_xml_prepare(void);

/// Gives back what a function here handed out, overwritten before.
void gh_xml_octets_free(uint8_t *octets, size_t count);

// --- Documents -----------------------------------------------------------------------------------------

/// A parsed document and the list of its nodes in document order; the root element is node 0.
typedef struct gh_xml gh_xml;

enum { GH_XML_PARSED, GH_XML_MALFORMED, GH_XML_NAMESPACES_MALFORMED, GH_XML_NO_MEMORY };

/// Parses UTF-8: no DTD, no entities but the predefined ones, no network, no recovery, namespaces well-formed.
/// NULL with a reason in `fault`.
gh_xml *gh_xml_parse(const uint8_t *bytes, size_t count, int *fault);
void gh_xml_free(gh_xml *document);

enum { GH_XML_ELEMENT = 1, GH_XML_TEXT = 2, GH_XML_COMMENT = 3 };

/// One node; texts end with a zero and live as long as the document.
typedef struct {
    int kind;
    /// 0 for the root.
    uint32_t depth;
    /// An element's local name; else NULL.
    const char *name;
    /// An element's namespace; NULL for none.
    const char *space;
    /// A text's or comment's content; else NULL.
    const char *text;
} gh_xml_node;

size_t gh_xml_node_count(const gh_xml *document);
/// `index` is below the count.
gh_xml_node gh_xml_node_at(const gh_xml *document, size_t index);

/// One attribute, and where the next is to be found; declarations of namespaces are none.
typedef struct {
    const char *name;
    const char *space;
    const char *value;
    const void *position;
} gh_xml_attribute;

/// Steps to the element's next attribute; `position` is NULL before the first. 1, or 0 behind the last.
int gh_xml_next_attribute(const gh_xml *document, size_t element, gh_xml_attribute *attribute);

// --- Keys ----------------------------------------------------------------------------------------------

/// A public or private key, RSA or elliptic.
typedef struct gh_xml_key gh_xml_key;

enum { GH_XML_RSA = 1, GH_XML_EC = 2 };

/// The public key of a certificate in DER; NULL where it cannot be read or is of another kind.
gh_xml_key *gh_xml_key_of_certificate(const uint8_t *der, size_t count);
/// The private key of a text in PEM without a passphrase; NULL where it cannot be read or is of another kind.
gh_xml_key *gh_xml_key_of_pem(const uint8_t *pem, size_t count);
void gh_xml_key_free(gh_xml_key *key);
int gh_xml_key_kind(const gh_xml_key *key);
int gh_xml_key_bits(const gh_xml_key *key);
/// 1 where the certificate in DER is of this private key.
int gh_xml_key_fits(const gh_xml_key *key, const uint8_t *der, size_t count);

enum { GH_XML_SHA1 = 1, GH_XML_SHA256 = 256, GH_XML_SHA384 = 384, GH_XML_SHA512 = 512 };

/// Signs octets with RSA (PKCS #1 version 1.5) and SHA-256. 1, or 0 where that cannot be done.
int gh_xml_key_sign(const gh_xml_key *key, const uint8_t *bytes, size_t count, uint8_t **signature,
                    size_t *signature_count);
/// 1 where the signature over the octets is the RSA key's.
int gh_xml_key_verify(const gh_xml_key *key, int digest, const uint8_t *bytes, size_t count, const uint8_t *signature,
                      size_t signature_count);

// --- Signatures ----------------------------------------------------------------------------------------

enum { GH_XML_VERIFIED, GH_XML_DIGEST_DIFFERS, GH_XML_SIGNATURE_DIFFERS, GH_XML_UNUSABLE };

/// Verifies the Signature element at `signature` over the element at `target`, with this key alone.
///
/// The caller has looked at the shape before: one Reference, to `target`'s attribute `ID`, which is an NCName of ASCII.
/// `is_legacy` allows SHA-1.  Where the answer is GH_XML_VERIFIED, `octets` are those that were digested: never empty,
/// to be freed.
int gh_xml_verify(gh_xml *document, size_t signature, size_t target, const gh_xml_key *key, int is_legacy,
                  uint8_t **octets, size_t *count);

/// Signs the root element, which has an attribute `ID`, with RSA and SHA-256, enveloped, exclusive C14N; the Signature
/// stands behind a first child named Issuer, else as the first child.  `certificate` in base64 goes into its KeyInfo.
/// 1 with the document as octets, to be freed; or 0.
int gh_xml_sign(const uint8_t *bytes, size_t bytes_count, const gh_xml_key *key, const char *certificate,
                uint8_t **octets, size_t *count);

// --- Encryption ----------------------------------------------------------------------------------------

enum { GH_XML_OAEP = 1, GH_XML_PKCS1 = 2 };
enum { GH_XML_GCM = 1, GH_XML_CBC = 2 };

/// How something is encrypted (XML Encryption 1.1 §5).
typedef struct {
    /// GH_XML_OAEP or GH_XML_PKCS1, and for OAEP its digests and label.
    int transport;
    int digest;
    int mask_digest;
    const uint8_t *label;
    size_t label_count;
    /// GH_XML_GCM or GH_XML_CBC, and the bytes of its key: 16, 24 or 32.
    int mode;
    size_t key_bytes;
} gh_xml_cipher;

/// Unwraps the key and opens the ciphertext. 1 with `octets` to be freed, or 0 for whatever fails: an unwrapping that
/// fails goes on with a random key, so that neither answer nor time tells what it was.
int gh_xml_decrypt(const gh_xml_key *key, const gh_xml_cipher *cipher, const uint8_t *wrapped, size_t wrapped_count,
                   const uint8_t *sealed, size_t sealed_count, uint8_t **octets, size_t *count);

// --- Deflate -------------------------------------------------------------------------------------------

enum { GH_INFLATED, GH_DEFLATE_MALFORMED, GH_DEFLATE_TOO_LONG };

/// Inflates raw DEFLATE (RFC 1951) into `capacity` bytes and no further; the stream must end with the input.
int gh_inflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t capacity, size_t *written);
/// Deflates. 1, or 0 where `capacity` does not do.
int gh_deflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t capacity, size_t *written);

#endif
