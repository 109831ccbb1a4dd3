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

/// What `c_build_udp` fills in, in host byte order.
struct c_udp_packet {
  uint32_t source, destination;
  uint16_t source_port, destination_port, identification;
  uint8_t ttl;
};

/// Writes IPv4, UDP and `count` octets of payload with both checksums to `bytes`; returns the length.
size_t c_build_udp(uint8_t *bytes, const struct c_udp_packet *packet, const uint8_t *payload, size_t count);

/// Writes a word at `field` and corrects the checksum at `checksum`, offsets both, by RFC 1624.
void c_patch_word(uint8_t *bytes, size_t field, size_t checksum, uint16_t value);

#endif
