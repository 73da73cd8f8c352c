// What the files of this target share.
#ifndef GATEHOUSE_CXMLSEC_PARTS_H
#define GATEHOUSE_CXMLSEC_PARTS_H

#include "CXMLSec.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/evp.h>

/// Invariant: `nodes` are the element, text and comment nodes below `doc`, in document order, the root first; `depths`
/// has as many entries.
struct gh_xml {
    xmlDocPtr doc;
    xmlNodePtr *nodes;
    uint32_t *depths;
    size_t count;
};

/// Invariant: `pkey` is RSA or elliptic and never changed.
struct gh_xml_key {
    EVP_PKEY *pkey;
};

/// Errors of this thread go nowhere; to be called first by whatever calls libxml2.
void gh_xml_silence(void);

/// The digest of that number, NULL for none.
const EVP_MD *gh_xml_digest(int digest);

#endif
