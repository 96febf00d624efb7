#define _GNU_SOURCE
#include "CKioskPlatform.h"

#include <errno.h>
#include <link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <malloc.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int kiosk_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void kiosk_eventfd_signal(int fd) {
  uint64_t one = 1;
  ssize_t written;
  do written = write(fd, &one, sizeof one);
  while (written < 0 && errno == EINTR);
}

void kiosk_eventfd_clear(int fd) {
  uint64_t count;
  ssize_t got;
  do got = read(fd, &count, sizeof count);
  while (got < 0 && errno == EINTR);
}

int kiosk_timerfd(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

int kiosk_timerfd_arm(int fd, int64_t at_ns, int64_t interval_ns) {
  struct itimerspec spec = {
      .it_interval = {interval_ns / 1000000000, interval_ns % 1000000000},
      .it_value = {at_ns / 1000000000, at_ns % 1000000000},
  };
  return timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, 0);
}

uint64_t kiosk_timerfd_clear(int fd) {
  uint64_t count = 0;
  return read(fd, &count, sizeof count) == (ssize_t)sizeof count ? count : 0;
}

int kiosk_signalfd(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  int failed = pthread_sigmask(SIG_BLOCK, &set, 0);
  if (failed) {
    errno = failed;
    return -1;
  }
  return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int kiosk_signalfd_read(int fd) {
  struct signalfd_siginfo info;
  return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

static int64_t clock_nanoseconds(clockid_t id) {
  struct timespec now;
  clock_gettime(id, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t kiosk_clock_monotonic(void) { return clock_nanoseconds(CLOCK_MONOTONIC); }
int64_t kiosk_clock_boottime(void) { return clock_nanoseconds(CLOCK_BOOTTIME); }
int64_t kiosk_clock_realtime(void) { return clock_nanoseconds(CLOCK_REALTIME); }

bool kiosk_clock_synchronised(void) {
  struct timex state = {.modes = 0};
  int result = adjtimex(&state);
  return result >= 0 && result != TIME_ERROR && !(state.status & STA_UNSYNC);
}

int kiosk_network_changes(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return -1;
  struct sockaddr_nl address = {
      .nl_family = AF_NETLINK,
      .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
  };
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  int reason = errno;
  close(fd);
  errno = reason;
  return -1;
}

void kiosk_network_changes_clear(int fd) {
  char buffer[8192];
  // ENOBUFS: more came than the queue held. Something has changed in any case, which is all that matters here.
  while (recv(fd, buffer, sizeof buffer, 0) > 0 || errno == ENOBUFS || errno == EINTR) {}
}

bool kiosk_interface_carries(unsigned flags) {
  return (flags & IFF_UP) && (flags & IFF_RUNNING) && !(flags & IFF_LOOPBACK);
}

int kiosk_accept(int fd) { return accept4(fd, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC); }

// Only segments that are never written: their pages are the file's, so nothing is lost by dropping the mapping.
static int release_segments(struct dl_phdr_info *object, size_t size, void *page_size) {
  (void)size;
  uintptr_t page = *(const uintptr_t *)page_size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
    uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz + page - 1) & ~(page - 1);
    madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void kiosk_release_unused_memory(void) {
  malloc_trim(0);
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  dl_iterate_phdr(release_segments, &page);
}

void kiosk_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
