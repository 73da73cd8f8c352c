// The host's libnghttp2: HTTP/2 frames, HPACK and flow control, without sockets (RFC 9113, RFC 7541).
#ifndef GATEHOUSE_CNGHTTP2_H
#define GATEHOUSE_CNGHTTP2_H

#include <nghttp2/nghttp2.h>

/// Lifts the library's own bound of CONTINUATION frames, where it has one: it counts reads, not frames, and would cut a
/// head that comes in small pieces. The caller counts the frames.
void gh_http2_allow_continuations(nghttp2_option *options);

#endif
