// The Linux calls Swift's Glibc module does not carry, one prefixed function per call and nothing more. No state, no
// policy: deciding what to do with a result is Swift's job. Every function returns what the call returns: -1 and errno
// on failure.
#ifndef CKIOSKPLATFORM_H
#define CKIOSKPLATFORM_H

#include <stdbool.h>
#include <stdint.h>

/// eventfd(2): non-blocking, close-on-exec.
int kiosk_eventfd(void);
/// Adds one to an eventfd; a full counter is not an error, for the reader is woken all the same.
void kiosk_eventfd_signal(int fd);
/// Empties an eventfd.
void kiosk_eventfd_clear(int fd);

/// timerfd_create(2) on CLOCK_MONOTONIC: non-blocking, close-on-exec.
int kiosk_timerfd(void);
/// Arms a timerfd for an absolute CLOCK_MONOTONIC time in nanoseconds, then every `interval_ns` (0: once).
/// `at_ns` 0 disarms.
int kiosk_timerfd_arm(int fd, int64_t at_ns, int64_t interval_ns);
/// Number of expirations since the last read, 0 when there was none.
uint64_t kiosk_timerfd_clear(int fd);

/// Blocks the signals in the whole process (call before the first thread) and returns a signalfd for them.
int kiosk_signalfd(const int *signals, int count);
/// The next signal number, 0 when there is none.
int kiosk_signalfd_read(int fd);

/// Clock readings in nanoseconds.
int64_t kiosk_clock_monotonic(void);
int64_t kiosk_clock_boottime(void);
int64_t kiosk_clock_realtime(void);
/// True when the kernel says a time service keeps the clock (adjtimex without STA_UNSYNC). Needs no privilege.
bool kiosk_clock_synchronised(void);

/// A netlink socket (rtnetlink(7)) that is readable when a link, an address or a route has changed: non-blocking,
/// close-on-exec.
int kiosk_network_changes(void);
/// Takes everything that is waiting in it; what exactly has changed is to be looked up.
void kiosk_network_changes_clear(int fd);
/// Flags of an interface as getifaddrs(3) gives them that mean "can carry data": IFF_UP and IFF_RUNNING without IFF_LOOPBACK.
bool kiosk_interface_carries(unsigned flags);

/// accept4(2): non-blocking, close-on-exec.
int kiosk_accept(int fd);
/// Gives back memory that is not in use: free heap, and the process's own mappings of program code and constants that
/// happened to be touched. What is needed again is mapped again at its first use, from the page cache as a rule.
void kiosk_release_unused_memory(void);
/// Names the calling thread (15 bytes at most), as seen in `ps -L`.
void kiosk_name_thread(const char *name);

#endif
