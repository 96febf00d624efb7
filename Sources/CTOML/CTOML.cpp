#include "CTOML.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// toml++ asserts that some characters cannot stand where a hurried hand does put them: `[=` (3.3 and 3.4). That must refuse
// the file, not end the daemon as assert() would, nor be taken for granted by the optimiser as it is under NDEBUG.
[[noreturn]] static void expectation_broken() { throw std::logic_error("unexpected character"); }

#undef NDEBUG
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES CTOML_MAX_DEPTH
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : expectation_broken())

// toml++ 3.3 and 3.4 are not free of warnings under every compiler; ours are about our own lines.
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#elif defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#endif
#if __has_include(<toml++/toml.hpp>)
#include <toml++/toml.hpp>  // 3.4 (Debian 13)
#else
#include <toml++/toml.h>  // 3.3 (Debian 12)
#endif
#if defined(__clang__)
#pragma clang diagnostic pop
#elif defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace {

struct entry {
  ctoml_node node{};
  std::string key;
  std::string text;
};

void set_error(ctoml_error *error, ctoml_error_kind kind, uint32_t line, uint32_t column, std::string_view description) {
  if (error == nullptr) return;
  error->kind = kind;
  error->line = line;
  error->column = column;
  size_t length = std::min(description.size(), sizeof(error->description) - 1);
  // Never cut a UTF-8 sequence in two.
  while (length > 0 && length < description.size() && (static_cast<unsigned char>(description[length]) & 0xC0) == 0x80) {
    --length;
  }
  std::memcpy(error->description, description.data(), length);
  error->description[length] = '\0';
}

/// Looks for a dotted key with more names than allowed, before parsing: toml++ limits how deep values nest, but (in 3.3)
/// not how many tables `[a.a.a.…]` opens, and freeing some ten thousand nested tables would overflow the stack.
/// What is inside strings and comments is left out, as the parser would read them up to its first error.
bool has_key_too_deep(std::string_view text, uint32_t &line, uint32_t &column) {
  line = 1;
  column = 0;
  int dots = 0;
  char quote = 0;
  bool is_multiline = false;
  bool is_comment = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
    if (c == '\n') {
      ++line;
      column = 0;
      dots = 0;
      is_comment = false;
      if (!is_multiline) quote = 0;
      continue;
    }
    if (is_comment) continue;
    if (quote != 0) {
      if (c == '\\' && quote == '"' && i + 1 < text.size() && text[i + 1] != '\n') {
        ++i;
        ++column;
      } else if (c == quote) {
        if (!is_multiline) {
          quote = 0;
        } else if (i + 2 < text.size() && text[i + 1] == quote && text[i + 2] == quote) {
          // Up to two quotes may stand before the closing three.
          size_t run = 3;
          while (run < 5 && i + run < text.size() && text[i + run] == quote) ++run;
          i += run - 1;
          column += static_cast<uint32_t>(run - 1);
          quote = 0;
          is_multiline = false;
        }
      }
      continue;
    }
    switch (c) {
      case '#': is_comment = true; break;
      case '"':
      case '\'':
        quote = c;
        if (i + 2 < text.size() && text[i + 1] == c && text[i + 2] == c) {
          is_multiline = true;
          i += 2;
          column += 2;
        }
        break;
      case '=':
      case ',':
      case '{':
      case '[': dots = 0; break;
      case '.':
        if (++dots >= CTOML_MAX_DEPTH) return true;
        break;
      default: break;
    }
  }
  return false;
}

/// Whether the parser loses its way in the text, rather than reading it or refusing it with a position.
bool is_expectation_broken(std::string_view text) {
  try {
    (void)toml::parse(text);
    return false;
  } catch (const toml::parse_error &) {
    return false;
  } catch (const std::logic_error &) {
    return true;
  }
}

/// The first line after which `is_expectation_broken` holds: the parser goes through the text once, so it stays true.
uint32_t line_of_broken_expectation(std::string_view text) {
  std::vector<size_t> ends;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') ends.push_back(i + 1);
  }
  ends.push_back(text.size());
  size_t low = 0;
  size_t high = ends.size() - 1;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (is_expectation_broken(text.substr(0, ends[middle]))) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return static_cast<uint32_t>(low + 1);
}

std::string written(const toml::date &date) {
  char buffer[32];
  std::snprintf(
      buffer, sizeof buffer, "%04d-%02d-%02d", static_cast<int>(date.year), static_cast<int>(date.month),
      static_cast<int>(date.day));
  return buffer;
}

std::string written(const toml::time &time) {
  char buffer[32];
  std::snprintf(
      buffer, sizeof buffer, "%02d:%02d:%02d", static_cast<int>(time.hour), static_cast<int>(time.minute),
      static_cast<int>(time.second));
  return buffer;
}

std::string written(const toml::time_offset &offset) {
  if (offset.minutes == 0) return "Z";
  char buffer[32];
  const int minutes = offset.minutes < 0 ? -offset.minutes : offset.minutes;
  std::snprintf(buffer, sizeof buffer, "%c%02d:%02d", offset.minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return buffer;
}

void append(std::vector<entry> &entries, const toml::node &node, const toml::key *key) {
  const size_t index = entries.size();
  entries.emplace_back();
  {
    entry &added = entries.back();
    added.node.line = node.source().begin.line;
    added.node.column = node.source().begin.column;
    if (key != nullptr) {
      added.key = std::string(key->str());
      added.node.key_line = key->source().begin.line;
      added.node.key_column = key->source().begin.column;
    }
  }
  if (const toml::table *table = node.as_table()) {
    // toml++ sorts by key; a reader of errors goes through the file from top to bottom.
    std::vector<std::pair<const toml::key *, const toml::node *>> children;
    children.reserve(table->size());
    for (auto it = table->cbegin(); it != table->cend(); ++it) children.emplace_back(&it->first, &it->second);
    std::sort(children.begin(), children.end(), [](const auto &left, const auto &right) {
      const auto a = left.first->source().begin;
      const auto b = right.first->source().begin;
      return a == b ? left.first->str() < right.first->str() : a < b;
    });
    entries[index].node.type = CTOML_TABLE;
    entries[index].node.child_count = children.size();
    for (const auto &child : children) append(entries, *child.second, child.first);
  } else if (const toml::array *array = node.as_array()) {
    entries[index].node.type = CTOML_ARRAY;
    entries[index].node.child_count = array->size();
    for (const toml::node &child : *array) append(entries, child, nullptr);
  } else if (const auto *string = node.as_string()) {
    entries[index].node.type = CTOML_STRING;
    entries[index].text = string->get();
  } else if (const auto *integer = node.as_integer()) {
    entries[index].node.type = CTOML_INTEGER;
    entries[index].node.integer = integer->get();
  } else if (const auto *floating = node.as_floating_point()) {
    entries[index].node.type = CTOML_FLOAT;
    entries[index].node.floating = floating->get();
  } else if (const auto *boolean = node.as_boolean()) {
    entries[index].node.type = CTOML_BOOLEAN;
    entries[index].node.boolean = boolean->get();
  } else if (const auto *date = node.as_date()) {
    entries[index].node.type = CTOML_DATE;
    entries[index].text = written(date->get());
  } else if (const auto *time = node.as_time()) {
    entries[index].node.type = CTOML_TIME;
    entries[index].text = written(time->get());
  } else if (const auto *date_time = node.as_date_time()) {
    entries[index].node.type = CTOML_DATE_TIME;
    entries[index].text = written(date_time->get().date) + "T" + written(date_time->get().time);
    // Without it 08:00Z would pass for 08:00 by the clock on the wall.
    if (date_time->get().offset) entries[index].text += written(*date_time->get().offset);
  }
}

}  // namespace

struct ctoml_document {
  std::vector<entry> entries;
};

extern "C" ctoml_document *ctoml_parse(const char *bytes, size_t length, ctoml_error *error) {
  try {
    if (length > CTOML_MAX_BYTES) {
      set_error(error, CTOML_ERROR_TOO_LARGE, 0, 0, "more bytes than a configuration file may have");
      return nullptr;
    }
    const std::string_view text = bytes == nullptr ? std::string_view{} : std::string_view(bytes, length);
    uint32_t line = 0;
    uint32_t column = 0;
    if (has_key_too_deep(text, line, column)) {
      set_error(error, CTOML_ERROR_TOO_DEEP, line, column, "a key with too many names joined by dots");
      return nullptr;
    }
    toml::table root;
    try {
      root = toml::parse(text);
    } catch (const toml::parse_error &) {
      throw;
    } catch (const std::logic_error &) {
      set_error(
          error, CTOML_ERROR_SYNTAX, line_of_broken_expectation(text), 1,
          "a sign stands where a name or a value belongs");
      return nullptr;
    }
    auto document = std::make_unique<ctoml_document>();
    append(document->entries, root, nullptr);
    return document.release();
  } catch (const toml::parse_error &failure) {
    set_error(
        error, CTOML_ERROR_SYNTAX, failure.source().begin.line, failure.source().begin.column, failure.description());
  } catch (const std::bad_alloc &) {
    set_error(error, CTOML_ERROR_MEMORY, 0, 0, "not enough memory");
  } catch (const std::exception &failure) {
    set_error(error, CTOML_ERROR_SYNTAX, 0, 0, failure.what());
  } catch (...) {
    set_error(error, CTOML_ERROR_SYNTAX, 0, 0, "not readable");
  }
  return nullptr;
}

extern "C" void ctoml_free(ctoml_document *document) { delete document; }

extern "C" size_t ctoml_node_count(const ctoml_document *document) {
  return document == nullptr ? 0 : document->entries.size();
}

extern "C" bool ctoml_node_at(const ctoml_document *document, size_t index, ctoml_node *node) {
  if (document == nullptr || node == nullptr || index >= document->entries.size()) return false;
  const entry &found = document->entries[index];
  *node = found.node;
  node->key = ctoml_text{found.key.data(), found.key.size()};
  node->text = ctoml_text{found.text.data(), found.text.size()};
  return true;
}
