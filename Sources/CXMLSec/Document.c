#include "Parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static xmlNodePtr following(xmlNodePtr node, uint32_t *depth) {
    if (node->type == XML_ELEMENT_NODE && node->children) {
        *depth += 1;
        return node->children;
    }
    while (*depth > 0 && !node->next) {
        node = node->parent;
        *depth -= 1;
    }
    return *depth > 0 ? node->next : NULL;
}

/// An attribute's value is one text or nothing: whatever else libxml2 could build of it is not read.
static int has_plain_attributes(const xmlNode *element) {
    for (const xmlAttr *attribute = element->properties; attribute; attribute = attribute->next) {
        const xmlNode *value = attribute->children;
        if (value && (value->type != XML_TEXT_NODE || value->next)) return 0;
    }
    return 1;
}

/// Lists the nodes; 0 where one is of another kind, -1 where memory is out.
static int list(gh_xml *document) {
    size_t count = 0;
    uint32_t depth = 0;
    for (xmlNodePtr node = xmlDocGetRootElement(document->doc); node; node = following(node, &depth)) {
        switch (node->type) {
        case XML_ELEMENT_NODE:
            if (!has_plain_attributes(node)) return 0;
            break;
        case XML_TEXT_NODE:
        case XML_COMMENT_NODE: break;
        default: return 0;
        }
        count += 1;
    }
    if (count == 0) return 0;
    document->nodes = malloc(count * sizeof *document->nodes);
    document->depths = malloc(count * sizeof *document->depths);
    if (!document->nodes || !document->depths) return -1;
    depth = 0;
    for (xmlNodePtr node = xmlDocGetRootElement(document->doc); node; node = following(node, &depth)) {
        document->nodes[document->count] = node;
        document->depths[document->count] = depth;
        document->count += 1;
    }
    return 1;
}

gh_xml *gh_xml_parse(const uint8_t *bytes, size_t count, int *fault) {
    *fault = GH_XML_MALFORMED;
    if (count == 0 || count > INT_MAX) return NULL;
    gh_xml_silence();
    *fault = GH_XML_NO_MEMORY;
    gh_xml *document = calloc(1, sizeof *document);
    xmlParserCtxtPtr parser = document ? xmlNewParserCtxt() : NULL;
    if (!parser) {
        free(document);
        return NULL;
    }
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    document->doc = xmlCtxtReadMemory(parser, (const char *)bytes, (int)count, NULL, "UTF-8", options);
    *fault = GH_XML_PARSED;
    if (!parser->nsWellFormed && parser->wellFormed) {
        *fault = GH_XML_NAMESPACES_MALFORMED;
    } else if (!document->doc || !parser->wellFormed || !parser->nsWellFormed || document->doc->intSubset ||
               document->doc->extSubset) {
        *fault = parser->errNo == XML_ERR_NO_MEMORY ? GH_XML_NO_MEMORY : GH_XML_MALFORMED;
    } else {
        int listed = list(document);
        if (listed != 1) *fault = listed ? GH_XML_NO_MEMORY : GH_XML_MALFORMED;
    }
    xmlFreeParserCtxt(parser);
    if (*fault == GH_XML_PARSED) return document;
    gh_xml_free(document);
    return NULL;
}

void gh_xml_free(gh_xml *document) {
    if (!document) return;
    if (document->doc) xmlFreeDoc(document->doc);
    free(document->nodes);
    free(document->depths);
    free(document);
}

size_t gh_xml_node_count(const gh_xml *document) { return document->count; }

static const char *space_of(const xmlNs *space) { return space ? (const char *)space->href : NULL; }

gh_xml_node gh_xml_node_at(const gh_xml *document, size_t index) {
    const xmlNode *node = document->nodes[index];
    gh_xml_node result = {0};
    result.depth = document->depths[index];
    if (node->type == XML_ELEMENT_NODE) {
        result.kind = GH_XML_ELEMENT;
        result.name = (const char *)node->name;
        result.space = space_of(node->ns);
    } else {
        result.kind = node->type == XML_TEXT_NODE ? GH_XML_TEXT : GH_XML_COMMENT;
        result.text = node->content ? (const char *)node->content : "";
    }
    return result;
}

int gh_xml_next_attribute(const gh_xml *document, size_t element, gh_xml_attribute *attribute) {
    const xmlNode *node = document->nodes[element];
    if (node->type != XML_ELEMENT_NODE) return 0;
    const xmlAttr *next =
        attribute->position ? ((const xmlAttr *)attribute->position)->next : node->properties;
    if (!next) return 0;
    attribute->position = next;
    attribute->name = (const char *)next->name;
    attribute->space = space_of(next->ns);
    attribute->value = next->children && next->children->content ? (const char *)next->children->content : "";
    return 1;
}
