#define _GNU_SOURCE
#include "CFaultVFS.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512 };

typedef struct pending {
  struct pending *next;
  bool truncates;
  int64_t offset;  // of a write; the new size of a truncate
  int64_t length;
  unsigned char bytes[];
} pending;

// A file by its path: what is certainly on the disk, and what was written since the last sync.
typedef struct tracked {
  struct tracked *next;
  char *path;
  unsigned char *image;
  int64_t size;
  bool exists;
  pending *first, *last;
} tracked;

typedef struct {
  int64_t at;  // count of the kind at which it fails; 0: never
  int code, error;
  bool lasting;
} plan;

struct fault_vfs {
  sqlite3_vfs base;
  sqlite3_vfs *real;
  pthread_mutex_t mutex;
  char *name;
  int64_t counts[FAULT_KINDS];
  plan plans[FAULT_KINDS];
  int64_t bytes_written, points, cut_at;
  bool keeps_unsynced, off;
  int last_error;
  tracked *files;
};

typedef struct {
  sqlite3_file base;
  fault_vfs *vfs;
  tracked *track;
  sqlite3_file *real;
} fault_file;

// --- Durable images

static bool grow(tracked *t, int64_t size) {
  if (size <= t->size) return true;
  unsigned char *image = realloc(t->image, (size_t)size);
  if (!image) return false;
  memset(image + t->size, 0, (size_t)(size - t->size));
  t->image = image;
  t->size = size;
  return true;
}

static void apply(tracked *t, const pending *p) {
  if (p->truncates) {
    if (p->offset < t->size) t->size = p->offset;
    else grow(t, p->offset);
  } else if (grow(t, p->offset + p->length)) {
    memcpy(t->image + p->offset, p->bytes, (size_t)p->length);
  }
}

static void forget_pending(tracked *t) {
  while (t->first) {
    pending *p = t->first;
    t->first = p->next;
    free(p);
  }
  t->last = NULL;
}

static void remember(tracked *t, bool truncates, int64_t offset, const void *bytes, int64_t length) {
  pending *p = malloc(sizeof *p + (size_t)length);
  if (!p) abort();  // a test without memory proves nothing
  *p = (pending){.truncates = truncates, .offset = offset, .length = length};
  if (length) memcpy(p->bytes, bytes, (size_t)length);
  if (t->last) t->last->next = p;
  else t->first = p;
  t->last = p;
}

static void load(tracked *t) {
  FILE *file = fopen(t->path, "rb");
  t->exists = true;
  t->size = 0;
  if (!file) return;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  if (size > 0 && grow(t, size) && fread(t->image, 1, (size_t)size, file) != (size_t)size) abort();
  fclose(file);
}

static tracked *find(fault_vfs *v, const char *path) {
  for (tracked *t = v->files; t; t = t->next)
    if (!strcmp(t->path, path)) return t;
  return NULL;
}

static tracked *track(fault_vfs *v, const char *path) {
  tracked *t = find(v, path);
  if (!t) {
    t = calloc(1, sizeof *t);
    if (!t || !(t->path = strdup(path))) abort();
    t->next = v->files;
    v->files = t;
  }
  if (!t->exists) load(t);
  return t;
}

static uint64_t next_random(uint64_t *state) {  // splitmix64
  uint64_t z = (*state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// --- Counting and failing

// Counts a call. Returns SQLITE_OK or what it has to fail with. `is_point`: the power can go off just before it.
static int enter(fault_vfs *v, int kind, bool is_point, int when_off) {
  int result = SQLITE_OK;
  pthread_mutex_lock(&v->mutex);
  v->counts[kind]++;
  if (is_point) {
    v->points++;
    if (v->cut_at && v->points >= v->cut_at) v->off = true;
  }
  plan *p = &v->plans[kind];
  if (v->off) {
    result = when_off;
    v->last_error = EIO;
  } else if (p->at && (p->lasting ? v->counts[kind] >= p->at : v->counts[kind] == p->at)) {
    result = p->code;
    v->last_error = p->error;
  }
  pthread_mutex_unlock(&v->mutex);
  if (result != SQLITE_OK) errno = v->last_error;
  return result;
}

// --- File methods

#define REAL(file) (((fault_file *)(file))->real)
#define PASS(file, method, ...) (REAL(file)->pMethods->method(REAL(file), ##__VA_ARGS__))

static int file_close(sqlite3_file *file) { return PASS(file, xClose); }

static int file_read(sqlite3_file *file, void *to, int length, sqlite3_int64 offset) {
  int failed = enter(((fault_file *)file)->vfs, FAULT_READ, false, SQLITE_IOERR_READ);
  return failed ? failed : PASS(file, xRead, to, length, offset);
}

static int file_write(sqlite3_file *file, const void *from, int length, sqlite3_int64 offset) {
  fault_file *f = (fault_file *)file;
  int failed = enter(f->vfs, FAULT_WRITE, true, SQLITE_IOERR_WRITE);
  if (failed) return failed;
  pthread_mutex_lock(&f->vfs->mutex);
  f->vfs->bytes_written += length;
  if (f->track) remember(f->track, false, offset, from, length);
  pthread_mutex_unlock(&f->vfs->mutex);
  return PASS(file, xWrite, from, length, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  fault_file *f = (fault_file *)file;
  int failed = enter(f->vfs, FAULT_TRUNCATE, true, SQLITE_IOERR_TRUNCATE);
  if (failed) return failed;
  pthread_mutex_lock(&f->vfs->mutex);
  if (f->track) remember(f->track, true, size, NULL, 0);
  pthread_mutex_unlock(&f->vfs->mutex);
  return PASS(file, xTruncate, size);
}

static int file_sync(sqlite3_file *file, int flags) {
  fault_file *f = (fault_file *)file;
  int failed = enter(f->vfs, FAULT_SYNC, true, SQLITE_IOERR_FSYNC);
  if (failed) return failed;
  if (!f->track) return PASS(file, xSync, flags);
  // What is durable is decided here, so the machine's disk need not be waited for.
  pthread_mutex_lock(&f->vfs->mutex);
  for (pending *p = f->track->first; p; p = p->next) apply(f->track, p);
  forget_pending(f->track);
  pthread_mutex_unlock(&f->vfs->mutex);
  return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) { return PASS(file, xFileSize, size); }

static int file_lock(sqlite3_file *file, int level) {
  int failed = enter(((fault_file *)file)->vfs, FAULT_LOCK, false, SQLITE_IOERR_LOCK);
  return failed ? failed : PASS(file, xLock, level);
}

static int file_unlock(sqlite3_file *file, int level) { return PASS(file, xUnlock, level); }
static int file_check_reserved(sqlite3_file *file, int *out) { return PASS(file, xCheckReservedLock, out); }

static int file_control(sqlite3_file *file, int operation, void *argument) {
  // A hint about the size would let the system VFS truncate past our bookkeeping.
  if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_OK;
  return PASS(file, xFileControl, operation, argument);
}

static int file_sector_size(sqlite3_file *file) { return PASS(file, xSectorSize); }
static int file_characteristics(sqlite3_file *file) { return PASS(file, xDeviceCharacteristics); }

static int shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
  int failed = enter(((fault_file *)file)->vfs, FAULT_SHARED_MEMORY, false, SQLITE_IOERR_SHMMAP);
  return failed ? failed : PASS(file, xShmMap, page, size, extend, out);
}

static int shm_lock(sqlite3_file *file, int offset, int n, int flags) { return PASS(file, xShmLock, offset, n, flags); }
static void shm_barrier(sqlite3_file *file) { PASS(file, xShmBarrier); }
static int shm_unmap(sqlite3_file *file, int deletes) { return PASS(file, xShmUnmap, deletes); }

static const sqlite3_io_methods methods = {
    .iVersion = 2,  // without memory mapping: a mapped write could not be seen
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

// --- VFS methods

#define SELF(vfs) ((fault_vfs *)(vfs)->pAppData)
#define PARENT(vfs) (SELF(vfs)->real)

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags) {
  fault_vfs *v = SELF(vfs);
  fault_file *f = (fault_file *)file;
  memset(f, 0, sizeof *f);
  int failed = enter(v, FAULT_OPEN, false, SQLITE_CANTOPEN);
  if (failed) return failed;
  f->vfs = v;
  f->real = (sqlite3_file *)(f + 1);
  int result = v->real->xOpen(v->real, path, f->real, flags, out_flags);
  if (result != SQLITE_OK) return result;
  f->base.pMethods = &methods;
  if (v->keeps_unsynced && path && !(flags & SQLITE_OPEN_DELETEONCLOSE)) {
    pthread_mutex_lock(&v->mutex);
    f->track = track(v, path);
    pthread_mutex_unlock(&v->mutex);
  }
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory) {
  fault_vfs *v = SELF(vfs);
  int failed = enter(v, FAULT_DELETE, false, SQLITE_IOERR_DELETE);
  if (failed) return failed;
  pthread_mutex_lock(&v->mutex);
  tracked *t = find(v, path);
  if (t) {
    forget_pending(t);
    t->exists = false;
    t->size = 0;
  }
  pthread_mutex_unlock(&v->mutex);
  return v->real->xDelete(v->real, path, sync_directory);
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out) {
  return PARENT(vfs)->xAccess(PARENT(vfs), path, flags, out);
}
static int vfs_full_pathname(sqlite3_vfs *vfs, const char *path, int length, char *out) {
  return PARENT(vfs)->xFullPathname(PARENT(vfs), path, length, out);
}
static int vfs_randomness(sqlite3_vfs *vfs, int length, char *out) {
  return PARENT(vfs)->xRandomness(PARENT(vfs), length, out);
}
static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) { return PARENT(vfs)->xSleep(PARENT(vfs), microseconds); }
static int vfs_current_time(sqlite3_vfs *vfs, double *out) { return PARENT(vfs)->xCurrentTime(PARENT(vfs), out); }
static int vfs_current_time_64(sqlite3_vfs *vfs, sqlite3_int64 *out) {
  return PARENT(vfs)->xCurrentTimeInt64(PARENT(vfs), out);
}
static int vfs_last_error(sqlite3_vfs *vfs, int length, char *out) {
  fault_vfs *v = SELF(vfs);
  if (v->last_error) return v->last_error;
  return v->real->xGetLastError(v->real, length, out);
}

// --- For the tests

fault_vfs *fault_vfs_create(const char *name) {
  fault_vfs *v = calloc(1, sizeof *v);
  if (!v) return NULL;
  v->name = strdup(name);
  v->real = sqlite3_vfs_find(NULL);
  if (!v->name || !v->real) {
    free(v->name);
    free(v);
    return NULL;
  }
  pthread_mutex_init(&v->mutex, NULL);
  v->base = (sqlite3_vfs){
      .iVersion = 2,
      .szOsFile = (int)sizeof(fault_file) + v->real->szOsFile,
      .mxPathname = v->real->mxPathname,
      .zName = v->name,
      .pAppData = v,
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_full_pathname,
      .xRandomness = vfs_randomness,
      .xSleep = vfs_sleep,
      .xCurrentTime = vfs_current_time,
      .xGetLastError = vfs_last_error,
      .xCurrentTimeInt64 = vfs_current_time_64,
  };
  sqlite3_vfs_register(&v->base, 0);
  return v;
}

void fault_vfs_destroy(fault_vfs *v) {
  sqlite3_vfs_unregister(&v->base);
  while (v->files) {
    tracked *t = v->files;
    v->files = t->next;
    forget_pending(t);
    free(t->image);
    free(t->path);
    free(t);
  }
  pthread_mutex_destroy(&v->mutex);
  free(v->name);
  free(v);
}

#define LOCKED(v, statement)        \
  pthread_mutex_lock(&(v)->mutex);  \
  statement;                        \
  pthread_mutex_unlock(&(v)->mutex)

int64_t fault_vfs_count(fault_vfs *v, int kind) {
  int64_t count;
  LOCKED(v, count = v->counts[kind]);
  return count;
}

int64_t fault_vfs_bytes_written(fault_vfs *v) {
  int64_t count;
  LOCKED(v, count = v->bytes_written);
  return count;
}

int64_t fault_vfs_points(fault_vfs *v) {
  int64_t count;
  LOCKED(v, count = v->points);
  return count;
}

bool fault_vfs_is_off(fault_vfs *v) {
  bool off;
  LOCKED(v, off = v->off);
  return off;
}

void fault_vfs_fail(fault_vfs *v, int kind, int64_t nth, int code, int error, bool lasting) {
  pthread_mutex_lock(&v->mutex);
  v->plans[kind] = (plan){.at = nth ? v->counts[kind] + nth : 0, .code = code, .error = error, .lasting = lasting};
  pthread_mutex_unlock(&v->mutex);
}

void fault_vfs_heal(fault_vfs *v) {
  pthread_mutex_lock(&v->mutex);
  memset(v->plans, 0, sizeof v->plans);
  v->last_error = 0;
  pthread_mutex_unlock(&v->mutex);
}

void fault_vfs_keep_unsynced(fault_vfs *v) { LOCKED(v, v->keeps_unsynced = true); }

void fault_vfs_cut_before(fault_vfs *v, int64_t nth) { LOCKED(v, v->cut_at = nth ? v->points + nth : 0); }

// Applies a write that was not synced, sector by sector as the coin falls. Returns the sectors thrown away.
static int64_t tear(tracked *t, const pending *p, uint64_t *state) {
  int64_t dropped = 0;
  if (p->truncates) {
    if (next_random(state) & 1) apply(t, p);
    else dropped++;
    return dropped;
  }
  for (int64_t at = 0; at < p->length;) {
    int64_t end = ((p->offset + at) / SECTOR + 1) * SECTOR - p->offset;
    if (end > p->length) end = p->length;
    if (next_random(state) & 1) {
      if (grow(t, p->offset + end)) memcpy(t->image + p->offset + at, p->bytes + at, (size_t)(end - at));
    } else {
      dropped++;
    }
    at = end;
  }
  return dropped;
}

int64_t fault_vfs_restore(fault_vfs *v, int how, uint64_t seed) {
  int64_t dropped = 0;
  bool failed = false;
  pthread_mutex_lock(&v->mutex);
  for (tracked *t = v->files; t; t = t->next) {
    for (pending *p = t->first; p; p = p->next) {
      if (how == CUT_KEEPS_ALL) apply(t, p);
      else if (how == CUT_TEARS) dropped += tear(t, p, &seed);
      else dropped += p->truncates ? 1 : (p->length + SECTOR - 1) / SECTOR;
    }
    forget_pending(t);
    if (!t->exists) {
      unlink(t->path);
      continue;
    }
    int file = open(t->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    failed = failed || file < 0 || write(file, t->image, (size_t)t->size) != t->size;
    if (file >= 0) close(file);
    // The index in shared memory is rebuilt from the log; after a power cut it is garbage or gone.
    size_t length = strlen(t->path);
    char *index = malloc(length + 5);
    if (!index) abort();
    memcpy(index, t->path, length);
    memcpy(index + length, "-shm", 5);
    unlink(index);
    free(index);
  }
  v->off = false;
  v->cut_at = 0;
  v->last_error = 0;
  memset(v->plans, 0, sizeof v->plans);
  pthread_mutex_unlock(&v->mutex);
  return failed ? -1 : dropped;
}
