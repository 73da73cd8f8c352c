#include "CXMLSec.h"

#include <limits.h>
#include <zlib.h>

/// Raw: no head and no checksum around the stream.
enum { RAW_WINDOW = -15, USUAL_MEMORY = 8 };

int gh_inflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t capacity, size_t *written) {
    *written = 0;
    if (count > UINT_MAX || capacity > UINT_MAX) return GH_DEFLATE_TOO_LONG;
    z_stream stream = {0};
    if (inflateInit2(&stream, RAW_WINDOW) != Z_OK) return GH_DEFLATE_MALFORMED;
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = output;
    stream.avail_out = (uInt)capacity;
    int state = inflate(&stream, Z_FINISH);
    int is_full = stream.avail_out == 0, rest = stream.avail_in != 0;
    *written = capacity - stream.avail_out;
    inflateEnd(&stream);
    if (state == Z_STREAM_END && !rest) return GH_INFLATED;
    return state == Z_BUF_ERROR && is_full ? GH_DEFLATE_TOO_LONG : GH_DEFLATE_MALFORMED;
}

int gh_deflate(const uint8_t *bytes, size_t count, uint8_t *output, size_t capacity, size_t *written) {
    *written = 0;
    if (count > UINT_MAX || capacity > UINT_MAX) return 0;
    z_stream stream = {0};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, RAW_WINDOW, USUAL_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        return 0;
    }
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = output;
    stream.avail_out = (uInt)capacity;
    int state = deflate(&stream, Z_FINISH);
    *written = capacity - stream.avail_out;
    deflateEnd(&stream);
    return state == Z_STREAM_END;
}
