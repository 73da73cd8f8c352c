// The host's libcurl, behind one object that owns whatever a transfer needs: its setters check an option's type
// before the variadic call that could not, and what arrives lands in buffers of a fixed bound.
#ifndef GATEHOUSE_CCURL_H
#define GATEHOUSE_CCURL_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

/// Prepares the library, once a process, before anything else here. 1, or 0 where it cannot be used.
int gh_curl_prepare(void);

/// One transfer: handle, lists, error text and the two buffers.  One thread at a time.
typedef struct gh_transfer gh_transfer;

/// `head_bound` and `body_bound` are in bytes.  NULL when memory is out.
gh_transfer *gh_transfer_create(size_t head_bound, size_t body_bound);
/// Closes the connection and frees everything that was ever got from the transfer.
void gh_transfer_free(gh_transfer *transfer);

/// Options that take a number; any other option is CURLE_BAD_FUNCTION_ARGUMENT.
CURLcode gh_transfer_set_number(gh_transfer *transfer, CURLoption option, long value);
/// Options that take a text, which libcurl copies, or NULL for none; any other option is CURLE_BAD_FUNCTION_ARGUMENT.
CURLcode gh_transfer_set_text(gh_transfer *transfer, CURLoption option, const char *text);
/// A field line of the request, and an entry of CURLOPT_RESOLVE; copied.
CURLcode gh_transfer_add_field(gh_transfer *transfer, const char *line);
CURLcode gh_transfer_add_resolve(gh_transfer *transfer, const char *entry);
/// A recipient of a mail, with its angle brackets; copied.
CURLcode gh_transfer_add_recipient(gh_transfer *transfer, const char *address);
/// What is uploaded, in place of what was before; copied.
CURLcode gh_transfer_set_upload(gh_transfer *transfer, const uint8_t *bytes, size_t count);

/// Says whether a connection to an address (16 bytes; IPv4 as IPv4-mapped, RFC 4291 §2.5.5.2) may be tried: 1 or 0.
typedef int (*gh_transfer_admits)(const uint8_t *address, void *argument);
/// Asks `admits` before each connection of the transfer, after a redirect too, and opens none to what has no IP address;
/// a refusal is CURLE_COULDNT_CONNECT unless another address of the name is admitted.  `argument` must outlive it.
void gh_transfer_admit(gh_transfer *transfer, gh_transfer_admits admits, void *argument);

/// Asks and waits for the answer.  CURLE_WRITE_ERROR with `gh_transfer_is_cut` where the body was longer than its bound.
CURLcode gh_transfer_perform(gh_transfer *transfer);
/// Connects, handshakes and goes no further; for `https` alone.
CURLcode gh_transfer_connect(gh_transfer *transfer);
/// After `gh_transfer_connect`: sends the bytes as they are and collects what comes back as the head, until its blank
/// line, the peer's end, the bound or the deadline (CURLE_OPERATION_TIMEDOUT).
CURLcode gh_transfer_exchange(gh_transfer *transfer, const uint8_t *bytes, size_t count, long milliseconds);

/// The status of the last answer, 0 where there is none.
long gh_transfer_status(const gh_transfer *transfer);
/// The last answer's status line and fields, then trailers if any; valid until the transfer is used again.
const uint8_t *gh_transfer_head(const gh_transfer *transfer, size_t *count);
/// The first bytes of the body; valid until the transfer is used again.
const uint8_t *gh_transfer_body(const gh_transfer *transfer, size_t *count);
/// 1 where the body went on behind its bound.
int gh_transfer_is_cut(const gh_transfer *transfer);
/// `TLSv1.3` as OpenSSL names it; empty for cleartext and before an answer.
const char *gh_transfer_tls_version(const gh_transfer *transfer);
/// The peer's certificates in PEM, its own first, as many as it sent; NULL behind the last.
const char *gh_transfer_certificate(const gh_transfer *transfer, int index);
/// libcurl's words on what went wrong, or the code's where it has none.
const char *gh_transfer_words(const gh_transfer *transfer, CURLcode code);

#endif
