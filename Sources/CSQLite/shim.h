#include <sqlite3.h>

/// sqlite3_db_config takes variable arguments, which Swift cannot call: the on/off settings, without reading back.
static inline int kiosk_sqlite_set(sqlite3 *database, int setting, int on) {
  return sqlite3_db_config(database, setting, on, (int *)0);
}
