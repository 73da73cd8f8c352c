#define _GNU_SOURCE
#include "COpenSSL.h"
#include "Restrictions.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// --- The shared BIO ------------------------------------------------------------------------------------

static int scratch_read(BIO *bio, char *bytes, size_t count, size_t *read) {
    gh_tls_scratch *scratch = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (scratch->incoming_count == 0) {
        BIO_set_retry_read(bio);
        *read = 0;
        return 0;
    }
    size_t taken = count < scratch->incoming_count ? count : scratch->incoming_count;
    memcpy(bytes, scratch->incoming, taken);
    scratch->incoming += taken;
    scratch->incoming_count -= taken;
    *read = taken;
    return 1;
}

static int scratch_write(BIO *bio, const char *bytes, size_t count, size_t *written) {
    gh_tls_scratch *scratch = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (scratch->outgoing_capacity - scratch->outgoing_count < count) {
        size_t capacity = scratch->outgoing_capacity ? scratch->outgoing_capacity : 32768;
        while (capacity - scratch->outgoing_count < count) capacity *= 2;
        uint8_t *grown = realloc(scratch->outgoing, capacity);
        if (!grown) {
            *written = 0;
            return 0;
        }
        scratch->outgoing = grown;
        scratch->outgoing_capacity = capacity;
    }
    memcpy(scratch->outgoing + scratch->outgoing_count, bytes, count);
    scratch->outgoing_count += count;
    *written = count;
    return 1;
}

static long scratch_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *scratch_method(void) {
    static BIO_METHOD *method;
    BIO_METHOD *known = __atomic_load_n(&method, __ATOMIC_ACQUIRE);
    if (known) return known;
    BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gatehouse");
    if (!made) return NULL;
    BIO_meth_set_read_ex(made, scratch_read);
    BIO_meth_set_write_ex(made, scratch_write);
    BIO_meth_set_ctrl(made, scratch_control);
    // Whoever comes second uses the first one's.
    if (__atomic_compare_exchange_n(&method, &known, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return made;
    BIO_meth_free(made);
    return known;
}

BIO *gh_bio_create(gh_tls_scratch *scratch) {
    BIO_METHOD *method = scratch_method();
    BIO *bio = method ? BIO_new(method) : NULL;
    if (!bio) return NULL;
    BIO_set_data(bio, scratch);
    BIO_set_init(bio, 1);
    return bio;
}

void gh_tls_set_scratch(SSL *tls, BIO *bio) {
    BIO_up_ref(bio);
    BIO_up_ref(bio);
    SSL_set0_rbio(tls, bio);
    SSL_set0_wbio(tls, bio);
}

// --- Contexts ------------------------------------------------------------------------------------------

SSL_CTX *gh_tls_server_context(int is_tls13_only) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return NULL;
    if (!gh_tls_restrict(context, is_tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION)) {
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Tickets carry the session; nothing is cached here, so nothing grows with clients.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_recv_max_early_data(context, 0);
    return context;
}

typedef struct {
    gh_tls_select select;
    void *argument;
} select_seam;


// The server_name extension (RFC 6066 §3): list length, type 0, name length, name.
static int client_hello(SSL *tls, int *alert, void *argument) {
    (void)alert;
    select_seam *seam = argument;
    const unsigned char *extension;
    size_t count;
    const char *name = NULL;
    size_t name_count = 0;
    if (SSL_client_hello_get0_ext(tls, TLSEXT_TYPE_server_name, &extension, &count) && count > 5) {
        size_t list = (size_t)extension[0] << 8 | extension[1];
        size_t length = (size_t)extension[3] << 8 | extension[4];
        if (list + 2 == count && extension[2] == TLSEXT_NAMETYPE_host_name && length + 3 == list) {
            name = (const char *)extension + 5;
            name_count = length;
        }
    }
    SSL_CTX *chosen = seam->select(name, name_count, seam->argument);
    if (chosen) SSL_set_SSL_CTX(tls, chosen);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static void free_seam(void *parent, void *pointer, CRYPTO_EX_DATA *data, int index, long number, void *argument) {
    (void)parent, (void)data, (void)index, (void)number, (void)argument;
    free(pointer);
}

static int seam_index(int which) {
    static int indexes[2] = {-1, -1};
    int current = __atomic_load_n(&indexes[which], __ATOMIC_ACQUIRE);
    if (current >= 0) return current;
    int made = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_seam);
    int expected = -1;
    __atomic_compare_exchange_n(&indexes[which], &expected, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return __atomic_load_n(&indexes[which], __ATOMIC_ACQUIRE);
}

int gh_tls_select_by_name(SSL_CTX *context, gh_tls_select select, void *argument) {
    select_seam *seam = malloc(sizeof *seam);
    if (!seam) return 0;
    seam->select = select;
    seam->argument = argument;
    if (!SSL_CTX_set_ex_data(context, seam_index(0), seam)) {
        free(seam);
        return 0;
    }
    SSL_CTX_set_client_hello_cb(context, client_hello, seam);
    return 1;
}

typedef struct {
    gh_ticket_find find;
    void *argument;
} ticket_seam;

static int ticket(SSL *tls, unsigned char key_name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                  int is_new) {
    // Tickets belong to the listener's context, whatever context the name chose.
    ticket_seam *seam = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), seam_index(1));
    if (!seam) return 0;
    unsigned char aes[32], secret[32];
    int found = seam->find(is_new ? NULL : key_name, key_name, aes, secret, seam->argument);
    int result = found;
    if (found > 0) {
        OSSL_PARAM parameters[3];
        parameters[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret, sizeof secret);
        parameters[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0);
        parameters[2] = OSSL_PARAM_construct_end();
        if (!EVP_MAC_CTX_set_params(mac, parameters)) result = -1;
        if (result > 0 && is_new && RAND_bytes(iv, 16) != 1) result = -1;
        if (result > 0 && !EVP_CipherInit_ex2(cipher, EVP_aes_256_cbc(), aes, iv, is_new ? 1 : 0, NULL)) result = -1;
    }
    OPENSSL_cleanse(aes, sizeof aes);
    OPENSSL_cleanse(secret, sizeof secret);
    return result;
}

int gh_tls_tickets(SSL_CTX *context, gh_ticket_find find, void *argument) {
    ticket_seam *seam = malloc(sizeof *seam);
    if (!seam) return 0;
    seam->find = find;
    seam->argument = argument;
    if (!SSL_CTX_set_ex_data(context, seam_index(1), seam)) {
        free(seam);
        return 0;
    }
    return SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket);
}

static int takes(const char *wanted, unsigned char wanted_count, const unsigned char **out, unsigned char *out_count,
                 const unsigned char *in, unsigned int count) {
    for (unsigned int index = 0; index < count && index + 1 + in[index] <= count; index += 1u + in[index]) {
        if (in[index] == wanted_count && memcmp(in + index + 1, wanted, wanted_count) == 0) {
            *out = in + index + 1;
            *out_count = wanted_count;
            return 1;
        }
    }
    return 0;
}

static int alpn(SSL *tls, const unsigned char **out, unsigned char *out_count, const unsigned char *in,
                unsigned int count, void *argument) {
    (void)tls;
    if (argument && takes("h2", 2, out, out_count, in, count)) return SSL_TLSEXT_ERR_OK;
    return takes("http/1.1", 8, out, out_count, in, count) ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int gh_tls_alpn(SSL_CTX *context, int offers_http2) {
    static char http2;
    SSL_CTX_set_alpn_select_cb(context, alpn, offers_http2 ? &http2 : NULL);
    return 1;
}

int gh_tls_is_http2(const SSL *tls) {
    const unsigned char *name = NULL;
    unsigned int count = 0;
    SSL_get0_alpn_selected(tls, &name, &count);
    return count == 2 && memcmp(name, "h2", 2) == 0;
}

// --- Certificates --------------------------------------------------------------------------------------

static int no_passphrase(char *buffer, int size, int is_writing, void *argument) {
    (void)buffer, (void)size, (void)is_writing, (void)argument;
    return 0;
}

X509 *gh_certificate_read(const uint8_t *pem, size_t count) {
    if (count > INT32_MAX) return NULL;
    BIO *bio = BIO_new_mem_buf(pem, (int)count);
    X509 *certificate = bio ? PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    return certificate;
}

EVP_PKEY *gh_key_read(const uint8_t *pem, size_t count) {
    if (count > INT32_MAX) return NULL;
    BIO *bio = BIO_new_mem_buf(pem, (int)count);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    return key;
}

// A ticket resumes only where the certificate is the one of its handshake: a name that chooses another certificate
// gets a full handshake (RFC 8446 §4.2.11, RFC 5246 §F.1.4).  OpenSSL compares this context, never the names.
static int bind_sessions(SSL_CTX *context, const X509 *leaf) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int count = 0;
    return X509_digest(leaf, EVP_sha256(), digest, &count) && count <= SSL_MAX_SID_CTX_LENGTH &&
           SSL_CTX_set_session_id_context(context, digest, count);
}

int gh_tls_use_chain(SSL_CTX *context, const uint8_t *pem, size_t count) {
    if (count > INT32_MAX) return 0;
    BIO *bio = BIO_new_mem_buf(pem, (int)count);
    if (!bio) return 0;
    int done = 0;
    X509 *leaf = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL);
    if (leaf && SSL_CTX_use_certificate(context, leaf) && bind_sessions(context, leaf)) {
        done = 1;
        X509 *issuer;
        while (done && (issuer = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL))) {
            if (!SSL_CTX_add0_chain_cert(context, issuer)) {
                X509_free(issuer);
                done = 0;
            }
        }
        // The end of the file is the only reason to stop.
        unsigned long error = ERR_peek_last_error();
        if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) done = 0;
        if (done) ERR_clear_error();
    }
    X509_free(leaf);
    BIO_free(bio);
    return done;
}

int gh_chain_is_whole(const uint8_t *pem, size_t count) {
    if (count > INT32_MAX) return 0;
    BIO *bio = BIO_new_mem_buf(pem, (int)count);
    if (!bio) return 0;
    ERR_clear_error();
    X509 *certificate;
    while ((certificate = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL))) X509_free(certificate);
    unsigned long error = ERR_peek_last_error();
    int is_whole = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    if (is_whole) ERR_clear_error();
    BIO_free(bio);
    return is_whole;
}

int gh_tls_use_key(SSL_CTX *context, const uint8_t *pem, size_t count) {
    EVP_PKEY *key = gh_key_read(pem, count);
    int done = key && SSL_CTX_use_PrivateKey(context, key) && SSL_CTX_check_private_key(context);
    EVP_PKEY_free(key);
    return done;
}

void gh_certificate_names(X509 *certificate, void (*take)(const char *, size_t, void *), void *argument) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int found = 0;
    for (int index = 0; names && index < sk_GENERAL_NAME_num(names); index++) {
        GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
        if (name->type != GEN_DNS) continue;
        take((const char *)ASN1_STRING_get0_data(name->d.dNSName), (size_t)ASN1_STRING_length(name->d.dNSName), argument);
        found = 1;
    }
    GENERAL_NAMES_free(names);
    if (found) return;
    int position = X509_NAME_get_index_by_NID(X509_get_subject_name(certificate), NID_commonName, -1);
    if (position < 0) return;
    ASN1_STRING *text =
        X509_NAME_ENTRY_get_data(X509_NAME_get_entry(X509_get_subject_name(certificate), position));
    take((const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text), argument);
}

void gh_certificate_addresses(X509 *certificate, void (*take)(const char *, size_t, void *), void *argument) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int index = 0; names && index < sk_GENERAL_NAME_num(names); index++) {
        GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
        if (name->type != GEN_IPADD) continue;
        take((const char *)ASN1_STRING_get0_data(name->d.iPAddress), (size_t)ASN1_STRING_length(name->d.iPAddress),
             argument);
    }
    GENERAL_NAMES_free(names);
}

int gh_certificate_issuer(X509 *certificate, char *buffer, size_t capacity) {
    BIO *text = BIO_new(BIO_s_mem());
    if (!text) return 0;
    unsigned long flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
    int is_printed = capacity > 0 && X509_NAME_print_ex(text, X509_get_issuer_name(certificate), 0, flags) >= 0;
    // An empty name leaves nothing to read, and the zero alone.
    int count = is_printed ? BIO_read(text, buffer, capacity - 1 < INT_MAX ? (int)(capacity - 1) : INT_MAX) : 0;
    if (is_printed) buffer[count > 0 ? count : 0] = 0;
    BIO_free(text);
    return is_printed;
}

static int seconds(const ASN1_TIME *time, int64_t *result) {
    struct tm parts;
    if (!ASN1_TIME_to_tm(time, &parts)) return 0;
    *result = (int64_t)timegm(&parts);
    return 1;
}

int gh_certificate_period(X509 *certificate, int64_t *not_before, int64_t *not_after) {
    return seconds(X509_get0_notBefore(certificate), not_before) && seconds(X509_get0_notAfter(certificate), not_after);
}

const char *gh_tls_version(const SSL *tls) { return SSL_get_version(tls); }

const char *gh_last_error(char *buffer, size_t capacity) {
    unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return NULL;
    const char *reason = ERR_reason_error_string(code);
    if (reason) return reason;
    ERR_error_string_n(code, buffer, capacity);
    return buffer;
}
