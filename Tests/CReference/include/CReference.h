// The same work in C, as a yardstick: what a careful C programmer writes for it.
#ifndef CREFERENCE_H
#define CREFERENCE_H

#include <stddef.h>
#include <stdint.h>

/// RFC 1071 with 64-bit additions and their carries.
uint16_t c_checksum_carry(const void *bytes, size_t count);

/// RFC 1071 with SSE2 intrinsics as they are commonly written, each 32 bits masked and shifted; as
/// `c_checksum_carry` where the machine has none.
uint16_t c_checksum_sse2(const void *bytes, size_t count);

/// Copies `count` octets `times` times, one behind the other, into a new buffer; returns its last one.
uint8_t c_append(const void *bytes, size_t count, size_t times);

#endif
