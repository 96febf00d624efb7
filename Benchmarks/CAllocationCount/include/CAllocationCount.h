#ifndef C_ALLOCATION_COUNT_H
#define C_ALLOCATION_COUNT_H

#include <stdint.h>

/// Allocations of the whole program so far. Linking this target puts counting functions in the place of the C library's
/// malloc, calloc, realloc, posix_memalign and aligned_alloc, which they then call: for measurements only.
uint64_t allocation_count(void);

#endif
