#define _GNU_SOURCE
#include "CCurl.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t bound;
} buffer;

struct gh_transfer {
    CURL *curl;
    struct curl_slist *fields;
    struct curl_slist *resolve;
    struct curl_slist *recipients;
    uint8_t *upload;
    size_t upload_count;
    size_t upload_sent;
    buffer head;
    buffer body;
    int is_cut;
    gh_transfer_admits admits;
    void *admits_argument;
    char version[16];
    char words[CURL_ERROR_SIZE];
};

int gh_curl_prepare(void) { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

/// Copies what fits; 1 where that was all.
static int take(buffer *into, const char *bytes, size_t count) {
    size_t room = into->bound - into->count;
    size_t taken = count < room ? count : room;
    if (taken > 0) memcpy(into->bytes + into->count, bytes, taken);
    into->count += taken;
    return taken == count;
}

/// The session can be asked only while the transfer runs.
static void note_version(gh_transfer *transfer) {
    struct curl_tlssessioninfo *session = NULL;
    if (curl_easy_getinfo(transfer->curl, CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK) return;
    if (!session || session->backend != CURLSSLBACKEND_OPENSSL || !session->internals) return;
    strncpy(transfer->version, SSL_get_version(session->internals), sizeof transfer->version - 1);
}

static size_t take_head(char *bytes, size_t size, size_t count, void *argument) {
    gh_transfer *transfer = argument;
    size_t length = size * count;
    // Another head: what came before was an interim answer.
    if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) transfer->head.count = 0;
    if (transfer->version[0] == 0) note_version(transfer);
    return take(&transfer->head, bytes, length) ? length : 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *argument) {
    gh_transfer *transfer = argument;
    size_t length = size * count;
    if (take(&transfer->body, bytes, length)) return length;
    transfer->is_cut = 1;
    return 0;
}

gh_transfer *gh_transfer_create(size_t head_bound, size_t body_bound) {
    gh_transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer) return NULL;
    transfer->head.bytes = malloc(head_bound ? head_bound : 1);
    transfer->body.bytes = malloc(body_bound ? body_bound : 1);
    transfer->head.bound = head_bound;
    transfer->body.bound = body_bound;
    CURL *curl = transfer->curl = curl_easy_init();
    int is_ready = transfer->head.bytes && transfer->body.bytes && curl &&
                   curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->words) == CURLE_OK &&
                   curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
                   curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer) == CURLE_OK &&
                   curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
                   curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
    if (is_ready) return transfer;
    gh_transfer_free(transfer);
    return NULL;
}

void gh_transfer_free(gh_transfer *transfer) {
    if (!transfer) return;
    curl_easy_cleanup(transfer->curl);
    curl_slist_free_all(transfer->fields);
    curl_slist_free_all(transfer->resolve);
    curl_slist_free_all(transfer->recipients);
    free(transfer->upload);
    free(transfer->head.bytes);
    free(transfer->body.bytes);
    free(transfer);
}

CURLcode gh_transfer_set_number(gh_transfer *transfer, CURLoption option, long value) {
    const struct curl_easyoption *known = curl_easy_option_by_id(option);
    if (!known || (known->type != CURLOT_LONG && known->type != CURLOT_VALUES)) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(transfer->curl, option, value);
}

CURLcode gh_transfer_set_text(gh_transfer *transfer, CURLoption option, const char *text) {
    const struct curl_easyoption *known = curl_easy_option_by_id(option);
    if (!known || known->type != CURLOT_STRING) return CURLE_BAD_FUNCTION_ARGUMENT;
    return curl_easy_setopt(transfer->curl, option, text);
}

/// Appends to a list that the transfer owns, and hands the list to libcurl, which only borrows it.
static CURLcode add(gh_transfer *transfer, struct curl_slist **list, CURLoption option, const char *text) {
    struct curl_slist *longer = curl_slist_append(*list, text);
    if (!longer) return CURLE_OUT_OF_MEMORY;
    *list = longer;
    return curl_easy_setopt(transfer->curl, option, longer);
}

CURLcode gh_transfer_add_field(gh_transfer *transfer, const char *line) {
    return add(transfer, &transfer->fields, CURLOPT_HTTPHEADER, line);
}

CURLcode gh_transfer_add_resolve(gh_transfer *transfer, const char *entry) {
    return add(transfer, &transfer->resolve, CURLOPT_RESOLVE, entry);
}

CURLcode gh_transfer_add_recipient(gh_transfer *transfer, const char *address) {
    return add(transfer, &transfer->recipients, CURLOPT_MAIL_RCPT, address);
}

static size_t give(char *bytes, size_t size, size_t count, void *argument) {
    gh_transfer *transfer = argument;
    size_t left = transfer->upload_count - transfer->upload_sent;
    size_t given = size * count < left ? size * count : left;
    if (given > 0) memcpy(bytes, transfer->upload + transfer->upload_sent, given);
    transfer->upload_sent += given;
    return given;
}

CURLcode gh_transfer_set_upload(gh_transfer *transfer, const uint8_t *bytes, size_t count) {
    uint8_t *copy = malloc(count ? count : 1);
    if (!copy) return CURLE_OUT_OF_MEMORY;
    if (count > 0) memcpy(copy, bytes, count);
    free(transfer->upload);
    transfer->upload = copy;
    transfer->upload_count = count;
    CURL *curl = transfer->curl;
    CURLcode code = curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
    if (code == CURLE_OK) code = curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)count);
    return code;
}

static curl_socket_t open_admitted(void *argument, curlsocktype purpose, struct curl_sockaddr *place) {
    gh_transfer *transfer = argument;
    uint8_t address[16] = {[10] = 0xFF, [11] = 0xFF};
    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
    if (place->family == AF_INET && place->addrlen >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in *four = (struct sockaddr_in *)&place->addr;
        memcpy(address + 12, &four->sin_addr, 4);
    } else if (place->family == AF_INET6 && place->addrlen >= sizeof(struct sockaddr_in6)) {
        // The structure in which libcurl hands it over has room for any address of the host's.
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&place->addr;
        memcpy(address, &six->sin6_addr, 16);
    } else return CURL_SOCKET_BAD;
    if (transfer->admits(address, transfer->admits_argument) != 1) return CURL_SOCKET_BAD;
    return socket(place->family, place->socktype | SOCK_CLOEXEC, place->protocol);
}

void gh_transfer_admit(gh_transfer *transfer, gh_transfer_admits admits, void *argument) {
    transfer->admits = admits;
    transfer->admits_argument = argument;
    curl_easy_setopt(transfer->curl, CURLOPT_OPENSOCKETFUNCTION, open_admitted);
    curl_easy_setopt(transfer->curl, CURLOPT_OPENSOCKETDATA, transfer);
}

static void forget(gh_transfer *transfer) {
    transfer->upload_sent = 0;
    transfer->head.count = transfer->body.count = 0;
    transfer->is_cut = 0;
    memset(transfer->version, 0, sizeof transfer->version);
    transfer->words[0] = 0;
}

CURLcode gh_transfer_perform(gh_transfer *transfer) {
    forget(transfer);
    return curl_easy_perform(transfer->curl);
}

CURLcode gh_transfer_connect(gh_transfer *transfer) {
    forget(transfer);
    CURLcode code = curl_easy_setopt(transfer->curl, CURLOPT_CONNECT_ONLY, 1L);
    return code == CURLE_OK ? curl_easy_perform(transfer->curl) : code;
}

static int64_t monotonic_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Waits until the socket is ready; CURLE_OPERATION_TIMEDOUT at the deadline.
static CURLcode wait_for(curl_socket_t socket, short events, int64_t deadline) {
    for (;;) {
        int64_t left = deadline - monotonic_milliseconds();
        if (left <= 0) return CURLE_OPERATION_TIMEDOUT;
        struct pollfd entry = {.fd = socket, .events = events};
        int ready = poll(&entry, 1, (int)left);
        if (ready > 0) return CURLE_OK;
        if (ready < 0 && errno != EINTR) return CURLE_RECV_ERROR;
    }
}

static int has_blank_line(const buffer *head) {
    return head->count >= 4 && memmem(head->bytes, head->count, "\r\n\r\n", 4) != NULL;
}

CURLcode gh_transfer_exchange(gh_transfer *transfer, const uint8_t *bytes, size_t count, long milliseconds) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    CURLcode code = curl_easy_getinfo(transfer->curl, CURLINFO_ACTIVESOCKET, &socket);
    if (code != CURLE_OK) return code;
    if (socket == CURL_SOCKET_BAD) return CURLE_COULDNT_CONNECT;
    int64_t deadline = monotonic_milliseconds() + milliseconds;
    size_t sent = 0;
    while (sent < count) {
        size_t taken = 0;
        code = curl_easy_send(transfer->curl, bytes + sent, count - sent, &taken);
        if (code == CURLE_AGAIN) code = wait_for(socket, POLLOUT, deadline);
        if (code != CURLE_OK) return code;
        sent += taken;
    }
    while (!has_blank_line(&transfer->head)) {
        char chunk[4096];
        size_t received = 0;
        code = curl_easy_recv(transfer->curl, chunk, sizeof chunk, &received);
        if (code == CURLE_AGAIN) {
            code = wait_for(socket, POLLIN, deadline);
            if (code != CURLE_OK) return code;
            continue;
        }
        if (code != CURLE_OK) return code;
        // The peer has ended, or its head is longer than any that is looked at.
        if (received == 0 || !take(&transfer->head, chunk, received)) return CURLE_OK;
    }
    return CURLE_OK;
}

long gh_transfer_status(const gh_transfer *transfer) {
    long status = 0;
    return curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

const uint8_t *gh_transfer_head(const gh_transfer *transfer, size_t *count) {
    *count = transfer->head.count;
    return transfer->head.bytes;
}

const uint8_t *gh_transfer_body(const gh_transfer *transfer, size_t *count) {
    *count = transfer->body.count;
    return transfer->body.bytes;
}

int gh_transfer_is_cut(const gh_transfer *transfer) { return transfer->is_cut; }

const char *gh_transfer_tls_version(const gh_transfer *transfer) { return transfer->version; }

const char *gh_transfer_certificate(const gh_transfer *transfer, int index) {
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(transfer->curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain) return NULL;
    if (index < 0 || index >= chain->num_of_certs) return NULL;
    for (struct curl_slist *entry = chain->certinfo[index]; entry; entry = entry->next)
        if (strncmp(entry->data, "Cert:", 5) == 0) return entry->data + 5;
    return NULL;
}

const char *gh_transfer_words(const gh_transfer *transfer, CURLcode code) {
    return transfer->words[0] ? transfer->words : curl_easy_strerror(code);
}
