#include "CNGHTTP2.h"

#include <stdint.h>

// Since 1.61, and in the patched older versions of most distributions.
__attribute__((weak)) void nghttp2_option_set_max_continuations(nghttp2_option *options, size_t count);

void gh_http2_allow_continuations(nghttp2_option *options) {
    if (nghttp2_option_set_max_continuations) nghttp2_option_set_max_continuations(options, SIZE_MAX);
}
