#include "COpenSSL.h"

#include <pthread.h>

// `SHA256` of OpenSSL 3 fetches the algorithm from its providers and makes a context for each call, which costs more than
// the digest itself.  A thread keeps its context, bound to the algorithm, for as long as it lives.

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int has_key;

static void discard(void *context) { EVP_MD_CTX_free(context); }

static void make_key(void) { has_key = pthread_key_create(&key, discard) == 0; }

static EVP_MD_CTX *kept(void) {
    static _Thread_local EVP_MD_CTX *context;
    if (context) return context;
    pthread_once(&once, make_key);
    EVP_MD_CTX *made = has_key ? EVP_MD_CTX_new() : NULL;
    if (!made) return NULL;
    if (!EVP_DigestInit_ex2(made, EVP_sha256(), NULL) || pthread_setspecific(key, made) != 0) {
        EVP_MD_CTX_free(made);
        return NULL;
    }
    return context = made;
}

int gh_sha256(const uint8_t *bytes, size_t count, uint8_t digest[32]) {
    EVP_MD_CTX *context = kept();
    // Without an algorithm the context begins anew with the one that it has.
    return context && EVP_DigestInit_ex2(context, NULL, NULL) && EVP_DigestUpdate(context, bytes, count) &&
           EVP_DigestFinal_ex(context, digest, NULL);
}
