// Checksums in C, as a yardstick: what a careful C programmer writes for this job.
#ifndef CREFERENCE_H
#define CREFERENCE_H

#include <stddef.h>
#include <stdint.h>

/// RFC 1071 with 64-bit additions and their carries.
uint16_t c_checksum_carry(const void *bytes, size_t count);

/// RFC 1071 with SSE2 intrinsics; as `c_checksum_carry` where the machine has none.
uint16_t c_checksum_sse2(const void *bytes, size_t count);

#endif
