// The client's end of TLS: contexts that verify servers and remember their sessions.
#define _GNU_SOURCE
#include "COpenSSL.h"
#include "Restrictions.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

// One session of each server, the newest.  Contexts are shared by threads, so it has a lock.
typedef struct {
    pthread_mutex_t lock;
    size_t count;
    SSL_SESSION *sessions[];
} session_store;

static void free_store(void *parent, void *pointer, CRYPTO_EX_DATA *data, int index, long number, void *argument) {
    (void)parent, (void)data, (void)index, (void)number, (void)argument;
    session_store *store = pointer;
    if (!store) return;
    for (size_t place = 0; place < store->count; place++) SSL_SESSION_free(store->sessions[place]);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int store_index = -1, server_index = -1;

static void make_indexes(void) {
    store_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_store);
    server_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

// The store and the place in it that belong to `tls`; NULL where it has none.
static session_store *store_of(SSL *tls, size_t *place) {
    session_store *store = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls), store_index);
    uintptr_t number = (uintptr_t)SSL_get_ex_data(tls, server_index);
    if (!store || number == 0 || number > store->count) return NULL;
    *place = number - 1;
    return store;
}

static int keep_session(SSL *tls, SSL_SESSION *session) {
    size_t place;
    session_store *store = store_of(tls, &place);
    if (!store) return 0;
    pthread_mutex_lock(&store->lock);
    SSL_SESSION *old = store->sessions[place];
    store->sessions[place] = session;
    pthread_mutex_unlock(&store->lock);
    SSL_SESSION_free(old);
    return 1;
}

// A ticket may serve again where the server gave no newer one: what RFC 8446 §C.4 fears, that somebody sees which
// connections are of one client, is no secret between a proxy and its servers.  A copy is used, because OpenSSL marks what
// was resumed as used up.
static void resume_session(SSL *tls) {
    size_t place;
    session_store *store = store_of(tls, &place);
    if (!store) return;
    pthread_mutex_lock(&store->lock);
    SSL_SESSION *kept = store->sessions[place];
    SSL_SESSION *session = kept && SSL_SESSION_is_resumable(kept) ? SSL_SESSION_dup(kept) : NULL;
    pthread_mutex_unlock(&store->lock);
    if (!session) return;
    SSL_set_session(tls, session);
    SSL_SESSION_free(session);
}

SSL_CTX *gh_tls_client_context(size_t servers) {
    pthread_once(&once, make_indexes);
    if (store_index < 0 || server_index < 0 || servers > 65536) return NULL;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    session_store *store = calloc(1, sizeof *store + servers * sizeof(SSL_SESSION *));
    if (!context || !store || !gh_tls_restrict(context, TLS1_2_VERSION)) {
        free(store);
        SSL_CTX_free(context);
        return NULL;
    }
    pthread_mutex_init(&store->lock, NULL);
    store->count = servers;
    if (!SSL_CTX_set_ex_data(context, store_index, store)) {
        free_store(NULL, store, NULL, 0, 0, NULL);
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return context;
}

int gh_tls_trust(SSL_CTX *context, const uint8_t *pem, size_t count) {
    if (count > INT32_MAX) return 0;
    BIO *bio = BIO_new_mem_buf(pem, (int)count);
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    if (!bio || !store) {
        BIO_free(bio);
        return 0;
    }
    ERR_clear_error();
    int added = 0, is_whole = 1;
    X509 *certificate;
    while (is_whole && (certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL))) {
        is_whole = X509_STORE_add_cert(store, certificate);
        added += is_whole;
        X509_free(certificate);
    }
    // The end of the file is the only reason to stop.
    unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) is_whole = 0;
    BIO_free(bio);
    if (!is_whole || added == 0) return 0;
    ERR_clear_error();
    // Whoever names a certificate means it, also where it is a server's own and no authority's.
    return X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN) ? added : 0;
}

int gh_tls_trust_system(SSL_CTX *context) { return SSL_CTX_set_default_verify_paths(context); }

int gh_tls_offer(SSL_CTX *context, const uint8_t *protocols, unsigned int count) {
    // This one returns 0 for success.
    return SSL_CTX_set_alpn_protos(context, protocols, count) == 0;
}

int gh_tls_connect(SSL *tls, const char *name, int is_address, size_t server) {
    SSL_set_connect_state(tls);
    // Names are the subjectAltName's alone, and `f*.example.org` is none (RFC 9525 §6.3).
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    int expects = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name)
                             : SSL_set1_host(tls, name) && SSL_set_tlsext_host_name(tls, name);
    if (!expects || !SSL_set_ex_data(tls, server_index, (void *)(uintptr_t)(server + 1))) return 0;
    resume_session(tls);
    return 1;
}

const char *gh_tls_distrust(const SSL *tls) {
    long result = SSL_get_verify_result(tls);
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}
