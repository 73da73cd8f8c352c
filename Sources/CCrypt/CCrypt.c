#define _DEFAULT_SOURCE
#include "CCrypt.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/// Bytes of a password that bcrypt reads.
#define LONGEST 72

int gh_bcrypt(const char *setting, const uint8_t *password, size_t count, char output[GH_BCRYPT_CAPACITY]) {
    char phrase[LONGEST + 1] = {0};
    memcpy(phrase, password, count < LONGEST ? count : LONGEST);
    // 32 KiB, too much for the stack of a thread; crypt_r(3) wants it zeroed.
    struct crypt_data *data = calloc(1, sizeof *data);
    int is_done = 0;
    if (data) {
        const char *hash = crypt_r(phrase, setting, data);
        // A failure is NULL or a text that begins with an asterisk.
        if (hash && hash[0] == '$' && strlen(hash) == GH_BCRYPT_CAPACITY - 1) {
            memcpy(output, hash, GH_BCRYPT_CAPACITY);
            is_done = 1;
        }
        explicit_bzero(data, sizeof *data);
        free(data);
    }
    explicit_bzero(phrase, sizeof phrase);
    return is_done;
}
