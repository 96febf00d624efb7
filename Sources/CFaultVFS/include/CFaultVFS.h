// A SQLite VFS for tests: passes everything through to the system's own VFS, counts, fails where it is told to, and can
// cut the power. Never part of a program that is shipped.
//
// Power cuts: while `keep_unsynced` is on, every write also goes into a list per file that a sync empties. So at any
// moment the VFS knows what is certainly on the disk (the durable image) and what was only written. `cut` puts the files
// into a state that a real power cut could have left: the durable image plus any part of the un-synced writes, each
// 512-byte sector for itself (torn writes included). SQLite's shared-memory index is no durable file and is removed.
#ifndef CFAULTVFS_H
#define CFAULTVFS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct fault_vfs fault_vfs;

/// What can be made to fail. Each kind is counted for itself.
enum {
  FAULT_OPEN = 0,
  FAULT_READ,
  FAULT_WRITE,
  FAULT_SYNC,
  FAULT_TRUNCATE,
  FAULT_DELETE,
  FAULT_LOCK,
  FAULT_SHARED_MEMORY,
  FAULT_KINDS,
};

/// Registers a VFS under this name (which must be new). NULL when there is no memory for it.
fault_vfs *fault_vfs_create(const char *name);
/// Unregisters it. No connection may be using it.
void fault_vfs_destroy(fault_vfs *vfs);

/// Calls of this kind so far, failed ones included.
int64_t fault_vfs_count(fault_vfs *vfs, int kind);
/// Bytes handed to write so far.
int64_t fault_vfs_bytes_written(fault_vfs *vfs);

/// Fails the `nth` call of this kind from now on (1: the next) with `code`, and all after it too if `lasting`. `error` is
/// the errno to be reported. A later plan for the same kind takes the place of an earlier one; `nth` 0 takes it back.
void fault_vfs_fail(fault_vfs *vfs, int kind, int64_t nth, int code, int error, bool lasting);
/// Takes all plans back.
void fault_vfs_heal(fault_vfs *vfs);

/// From now on, remembers what is not synced. Switch on before the files are opened.
void fault_vfs_keep_unsynced(fault_vfs *vfs);
/// The power goes off just before the `nth` write, sync or truncate from now on, taken together: from then on every call
/// fails and nothing reaches the files. 0: never.
void fault_vfs_cut_before(fault_vfs *vfs, int64_t nth);
/// Writes, syncs and truncates so far, taken together.
int64_t fault_vfs_points(fault_vfs *vfs);
/// Whether the power is off.
bool fault_vfs_is_off(fault_vfs *vfs);

/// How much of the un-synced writes a cut leaves.
enum {
  /// None of them.
  CUT_DROPS_ALL = 0,
  /// All of them.
  CUT_KEEPS_ALL,
  /// Each sector by the throw of a coin.
  CUT_TEARS,
};

/// Puts every file into a state that the cut could have left, and switches the power on again. All connections must be
/// closed. `seed` decides what is left. Returns the number of sectors that were thrown away, -1 when a file could not be
/// written.
int64_t fault_vfs_restore(fault_vfs *vfs, int how, uint64_t seed);

#endif
