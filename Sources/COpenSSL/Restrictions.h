#ifndef GATEHOUSE_TLS_RESTRICTIONS_H
#define GATEHOUSE_TLS_RESTRICTIONS_H

#include <openssl/ssl.h>

// What both sides of TLS have in common: the lowest version, and the cipher suites and groups that may be agreed on, in
// order of preference (Mozilla's intermediate list without its finite-field Diffie-Hellman).  0 where OpenSSL refuses.
int gh_tls_restrict(SSL_CTX *context, int lowest_version);

#endif
