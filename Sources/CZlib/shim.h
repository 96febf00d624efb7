#include <zlib.h>

/// deflateInit2 is a macro, which Swift cannot call. Makes a gzip member (RFC 1952).
static inline int kiosk_gzip_start(z_stream *stream, int level) {
  // Z_FILTERED leaves short repetitions alone: between events that are alike but for digits they cost more than the digits.
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 9, Z_FILTERED);
}

/// Reads a gzip member.
static inline int kiosk_gunzip_start(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
