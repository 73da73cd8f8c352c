#include "Parts.h"

#include <libxml/valid.h>
#include <libxml/xmlsave.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <xmlsec/buffer.h>
#include <xmlsec/crypto.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/templates.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

/// A copy that belongs to the caller; 0 where there is nothing to copy.
static int hand_out(const uint8_t *bytes, size_t length, uint8_t **octets, size_t *count) {
    if (!bytes || length == 0) return 0;
    uint8_t *copy = malloc(length);
    if (!copy) return 0;
    memcpy(copy, bytes, length);
    *octets = copy;
    *count = length;
    return 1;
}

/// xmlsec's own holder of a second reference to the key.
static xmlSecKeyPtr xmlsec_key(const gh_xml_key *key) {
    if (EVP_PKEY_up_ref(key->pkey) != 1) return NULL;
    xmlSecKeyDataPtr value = xmlSecOpenSSLEvpKeyAdopt(key->pkey);
    if (!value) {
        EVP_PKEY_free(key->pkey);
        return NULL;
    }
    xmlSecKeyPtr result = xmlSecKeyCreate();
    if (result && xmlSecKeySetValue(result, value) == 0) return result;
    xmlSecKeyDataDestroy(value);
    if (result) xmlSecKeyDestroy(result);
    return NULL;
}

/// Makes `target` the only element that its ID finds.
static int register_identifier(xmlDocPtr doc, xmlNodePtr target) {
    xmlAttrPtr attribute = xmlHasProp(target, BAD_CAST "ID");
    if (!attribute || attribute->ns || !attribute->children || !attribute->children->content) return 0;
    const xmlChar *value = attribute->children->content;
    xmlAttrPtr found = xmlGetID(doc, value);
    if (found) return found == attribute;
    return xmlAddID(NULL, doc, value, attribute) && xmlGetID(doc, value) == attribute;
}

/// The algorithms that a signature may name; whatever is not here is refused by xmlsec itself.
static int restrict_algorithms(xmlSecDSigCtxPtr context, int is_legacy) {
    const xmlSecTransformId references[] = {
        xmlSecTransformEnvelopedId, xmlSecTransformExclC14NId, xmlSecTransformSha256Id, xmlSecTransformSha384Id,
        xmlSecTransformSha512Id,
    };
    const xmlSecTransformId signatures[] = {
        xmlSecTransformExclC14NId,   xmlSecTransformRsaSha256Id,   xmlSecTransformRsaSha384Id,
        xmlSecTransformRsaSha512Id,  xmlSecTransformEcdsaSha256Id, xmlSecTransformEcdsaSha384Id,
        xmlSecTransformEcdsaSha512Id,
    };
    for (size_t index = 0; index < sizeof references / sizeof *references; index++) {
        if (xmlSecDSigCtxEnableReferenceTransform(context, references[index]) < 0) return 0;
    }
    for (size_t index = 0; index < sizeof signatures / sizeof *signatures; index++) {
        if (xmlSecDSigCtxEnableSignatureTransform(context, signatures[index]) < 0) return 0;
    }
    if (is_legacy && (xmlSecDSigCtxEnableReferenceTransform(context, xmlSecTransformSha1Id) < 0 ||
                      xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformRsaSha1Id) < 0 ||
                      xmlSecDSigCtxEnableSignatureTransform(context, xmlSecTransformEcdsaSha1Id) < 0)) {
        return 0;
    }
    context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
    context->flags |= XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES | XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
    return 1;
}

static int verdict(xmlSecDSigCtxPtr context, uint8_t **octets, size_t *count) {
    xmlSecPtrListPtr references = &context->signedInfoReferences;
    if (xmlSecPtrListGetSize(references) != 1) return GH_XML_UNUSABLE;
    xmlSecDSigReferenceCtxPtr reference = xmlSecPtrListGetItem(references, 0);
    if (!reference) return GH_XML_UNUSABLE;
    if (reference->status == xmlSecDSigStatusInvalid) return GH_XML_DIGEST_DIFFERS;
    if (reference->status != xmlSecDSigStatusSucceeded) return GH_XML_UNUSABLE;
    if (context->status != xmlSecDSigStatusSucceeded) return GH_XML_SIGNATURE_DIFFERS;
    xmlSecBufferPtr buffer = xmlSecDSigReferenceCtxGetPreDigestBuffer(reference);
    if (!buffer || !hand_out(xmlSecBufferGetData(buffer), xmlSecBufferGetSize(buffer), octets, count)) {
        return GH_XML_UNUSABLE;
    }
    return GH_XML_VERIFIED;
}

int gh_xml_verify(gh_xml *document, size_t signature, size_t target, const gh_xml_key *key, int is_legacy,
                  uint8_t **octets, size_t *count) {
    *octets = NULL;
    *count = 0;
    if (signature >= document->count || target >= document->count) return GH_XML_UNUSABLE;
    gh_xml_silence();
    if (!register_identifier(document->doc, document->nodes[target])) return GH_XML_UNUSABLE;
    // No keys manager: there is no key to be found but the one that is set.
    xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
    int result = GH_XML_UNUSABLE;
    if (context && (context->signKey = xmlsec_key(key)) && restrict_algorithms(context, is_legacy) &&
        xmlSecDSigCtxVerify(context, document->nodes[signature]) == 0) {
        result = verdict(context, octets, count);
    }
    if (context) xmlSecDSigCtxDestroy(context);
    ERR_clear_error();
    return result;
}

// --- Signing -------------------------------------------------------------------------------------------

static xmlNodePtr first_element(xmlNodePtr parent) {
    xmlNodePtr child = parent->children;
    while (child && child->type != XML_ELEMENT_NODE) child = child->next;
    return child;
}

/// The empty Signature in its place; NULL on failure.
static xmlNodePtr template_in(xmlNodePtr root, const char *certificate) {
    xmlChar *identifier = xmlGetNoNsProp(root, BAD_CAST "ID");
    xmlChar *uri = identifier ? xmlStrncatNew(BAD_CAST "#", identifier, -1) : NULL;
    xmlFree(identifier);
    xmlNodePtr signature = uri ? xmlSecTmplSignatureCreateNsPref(root->doc, xmlSecTransformExclC14NId,
                                                                 xmlSecTransformRsaSha256Id, NULL, BAD_CAST "ds")
                               : NULL;
    if (!signature) {
        xmlFree(uri);
        return NULL;
    }
    xmlNodePtr first = first_element(root);
    if (first && xmlStrEqual(first->name, BAD_CAST "Issuer")) {
        xmlAddNextSibling(first, signature);
    } else if (root->children) {
        xmlAddPrevSibling(root->children, signature);
    } else {
        xmlAddChild(root, signature);
    }
    xmlNodePtr reference = xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, NULL, uri, NULL);
    xmlFree(uri);
    if (!reference || !xmlSecTmplReferenceAddTransform(reference, xmlSecTransformEnvelopedId) ||
        !xmlSecTmplReferenceAddTransform(reference, xmlSecTransformExclC14NId)) {
        return NULL;
    }
    if (!certificate) return signature;
    xmlNodePtr info = xmlSecTmplSignatureEnsureKeyInfo(signature, NULL);
    xmlNodePtr data = info ? xmlNewChild(info, info->ns, BAD_CAST "X509Data", NULL) : NULL;
    if (!data || !xmlNewChild(data, info->ns, BAD_CAST "X509Certificate", BAD_CAST certificate)) return NULL;
    return signature;
}

int gh_xml_sign(const uint8_t *bytes, size_t bytes_count, const gh_xml_key *key, const char *certificate,
                uint8_t **octets, size_t *count) {
    *octets = NULL;
    *count = 0;
    int fault;
    gh_xml *document = gh_xml_parse(bytes, bytes_count, &fault);
    if (!document) return 0;
    int done = 0;
    xmlNodePtr root = document->nodes[0];
    xmlNodePtr signature = register_identifier(document->doc, root) ? template_in(root, certificate) : NULL;
    xmlSecDSigCtxPtr context = signature ? xmlSecDSigCtxCreate(NULL) : NULL;
    if (context && (context->signKey = xmlsec_key(key))) {
        // Nothing but the key that is set is written, and the certificate stands there already.
        context->keyInfoWriteCtx.flags |= XMLSEC_KEYINFO_FLAGS_DONT_STOP_ON_KEY_FOUND;
        if (xmlSecPtrListAdd(&context->keyInfoWriteCtx.enabledKeyData, (void *)xmlSecKeyDataNameId) >= 0 &&
            xmlSecDSigCtxSign(context, signature) == 0 && context->status == xmlSecDSigStatusSucceeded) {
            xmlBufferPtr buffer = xmlBufferCreate();
            if (buffer && xmlNodeDump(buffer, document->doc, root, 0, 0) > 0) {
                done = hand_out(xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer), octets, count);
            }
            xmlBufferFree(buffer);
        }
    }
    if (context) xmlSecDSigCtxDestroy(context);
    gh_xml_free(document);
    ERR_clear_error();
    return done;
}
