#include <zlib.h>

/// deflateInit2 is a macro, which Swift cannot call. Makes a gzip member (RFC 1952).
static inline int kiosk_gzip_start(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
}

/// Reads a gzip member.
static inline int kiosk_gunzip_start(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
