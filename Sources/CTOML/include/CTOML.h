// TOML as a flat list of nodes with positions, for Swift. One call parses a buffer, the rest only reads. No state, no
// policy: which keys are allowed and what a value means is decided in KioskConfiguration. Nothing thrown inside gets
// out, and every input ends in a document or in an error.
#ifndef CTOML_H
#define CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes a document may have. A configuration file of a kiosk has a few hundred; this keeps a wrong file from being read.
#define CTOML_MAX_BYTES ((size_t)262144)
/// Levels values may be nested, and names a dotted key may have. The configuration uses four.
#define CTOML_MAX_DEPTH 16

typedef enum {
  CTOML_TABLE,
  CTOML_ARRAY,
  CTOML_STRING,
  CTOML_INTEGER,
  CTOML_FLOAT,
  CTOML_BOOLEAN,
  CTOML_DATE,
  CTOML_TIME,
  CTOML_DATE_TIME
} ctoml_type;

/// UTF-8, not terminated; valid until the document is freed.
typedef struct {
  const char *bytes;
  size_t length;
} ctoml_text;

/// One value. Positions count from 1, columns in Unicode scalars; 0 where there is none.
typedef struct {
  ctoml_type type;
  uint32_t line;
  uint32_t column;
  /// The key it stands under and where that is written; empty in arrays and for the document itself.
  ctoml_text key;
  uint32_t key_line;
  uint32_t key_column;
  /// Values inside a table or array. They follow in the list, each with its own descendants.
  size_t child_count;
  /// The content of a string; a date or time as TOML writes it.
  ctoml_text text;
  int64_t integer;
  double floating;
  bool boolean;
} ctoml_node;

typedef enum { CTOML_ERROR_SYNTAX, CTOML_ERROR_TOO_LARGE, CTOML_ERROR_TOO_DEEP, CTOML_ERROR_MEMORY } ctoml_error_kind;

/// Why a buffer is no document. The description is terminated, and cut where it is longer than its room.
typedef struct {
  ctoml_error_kind kind;
  uint32_t line;
  uint32_t column;
  char description[256];
} ctoml_error;

typedef struct ctoml_document ctoml_document;

/// Parses a buffer. Returns null and fills `error` when it is no TOML 1.0 document or goes past the limits above.
ctoml_document *ctoml_parse(const char *bytes, size_t length, ctoml_error *error);
void ctoml_free(ctoml_document *document);

/// The nodes in the order in which the file writes them, a table before its values. The first is the document itself.
size_t ctoml_node_count(const ctoml_document *document);
/// False when there is no such node.
bool ctoml_node_at(const ctoml_document *document, size_t index, ctoml_node *node);

#ifdef __cplusplus
}
#endif

#endif
