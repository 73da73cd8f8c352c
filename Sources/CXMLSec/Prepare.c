#include "Parts.h"

#include <libxml/xmlIO.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/xmlsec.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_ready;

static xmlParserInputPtr refuse(const char *url, const char *identifier, xmlParserCtxtPtr context) {
    (void)url, (void)identifier, (void)context;
    return NULL;
}

static void say_nothing(void *argument, xmlErrorPtr error) { (void)argument, (void)error; }

static void write_nothing(void *argument, const char *format, ...) { (void)argument, (void)format; }

static void report_nothing(const char *file, int line, const char *function, const char *object, const char *subject,
                           int reason, const char *words) {
    (void)file, (void)line, (void)function, (void)object, (void)subject, (void)reason, (void)words;
}

static void prepare(void) {
    xmlInitParser();
    xmlSetExternalEntityLoader(refuse);
    xmlThrDefSetStructuredErrorFunc(NULL, say_nothing);
    xmlThrDefSetGenericErrorFunc(NULL, write_nothing);
    // The threads that exist by now have their own.
    gh_xml_silence();
    xmlSecErrorsSetCallback(report_nothing);
    if (xmlSecInit() < 0) return;
    xmlSecErrorsSetCallback(report_nothing);
    xmlSecIOCleanupCallbacks();
    if (xmlSecCheckVersion() != 1) return;
    if (xmlSecCryptoInit() < 0) return;
    is_ready = 1;
}

int gh_xml_prepare(void) {
    pthread_once(&once, prepare);
    ERR_clear_error();
    return is_ready;
}

void gh_xml_silence(void) {
    xmlSetStructuredErrorFunc(NULL, say_nothing);
    xmlSetGenericErrorFunc(NULL, write_nothing);
}

void gh_xml_octets_free(uint8_t *octets, size_t count) {
    if (!octets) return;
    OPENSSL_cleanse(octets, count);
    free(octets);
}
