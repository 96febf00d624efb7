// Lets a test step the wall clock that a program sees, and no other clock: a time namespace has none of its own for
// CLOCK_REALTIME. Preloaded (LD_PRELOAD); the file that STEPPED_CLOCK names holds how far, in nanoseconds, as an int64_t
// of this machine. It is mapped, so a step is seen at once by every program that has it.
//
//     gcc -shared -fPIC -O2 -o stepped_clock.so Tests/Support/stepped_clock.c
//
// libfaketime (0.9.10) cannot be used: it changes the environment before Swift's runtime looks for the arguments beside it,
// which then are not found.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset;

__attribute__((constructor)) static void map(void) {
  const char *path = getenv("STEPPED_CLOCK");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  void *page = fd >= 0 ? mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  // A test that steps nothing must not pass.
  if (page == MAP_FAILED) abort();
  close(fd);
  offset = page;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result != 0 || !offset || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
  int64_t nanoseconds = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + *offset;
  now->tv_sec = nanoseconds / 1000000000;
  now->tv_nsec = nanoseconds % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec time;
  int result = clock_gettime(CLOCK_REALTIME, &time);
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return result;
}

time_t time(time_t *now) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  if (now) *now = time.tv_sec;
  return time.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}
