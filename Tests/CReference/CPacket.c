#include "CReference.h"

#include <arpa/inet.h>
#include <string.h>

struct ip_header {
  uint8_t version_length, tos;
  uint16_t total_length, identification, fragment;
  uint8_t ttl, protocol;
  uint16_t checksum;
  uint32_t source, destination;
};

struct udp_header {
  uint16_t source_port, destination_port, length, checksum;
};

static uint16_t fold(uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

size_t c_build_udp(uint8_t *bytes, const struct c_udp_packet *packet, const uint8_t *payload, size_t count) {
  struct udp_header udp = {
      .source_port = htons(packet->source_port),
      .destination_port = htons(packet->destination_port),
      .length = htons(sizeof udp + count),
  };
  struct ip_header ip = {
      .version_length = 0x45,
      .total_length = htons(sizeof ip + sizeof udp + count),
      .identification = htons(packet->identification),
      .ttl = packet->ttl,
      .protocol = 17,
      .source = htonl(packet->source),
      .destination = htonl(packet->destination),
  };
  ip.checksum = c_checksum_carry(&ip, sizeof ip);
  memcpy(bytes, &ip, sizeof ip);
  memcpy(bytes + sizeof ip, &udp, sizeof udp);
  memcpy(bytes + sizeof ip + sizeof udp, payload, count);
  uint64_t sum = (uint16_t)~c_checksum_carry(bytes + sizeof ip, sizeof udp + count);
  sum += (ip.source & 0xffff) + (ip.source >> 16) + (ip.destination & 0xffff) + (ip.destination >> 16);
  sum += htons(17) + udp.length;
  uint16_t checksum = ~fold(sum);
  if (checksum == 0) checksum = 0xffff;
  memcpy(bytes + sizeof ip + offsetof(struct udp_header, checksum), &checksum, 2);
  return sizeof ip + sizeof udp + count;
}

void c_patch_word(uint8_t *bytes, size_t field, size_t checksum, uint16_t value) {
  uint16_t old, sum, new = htons(value);
  memcpy(&old, bytes + field, 2);
  memcpy(bytes + field, &new, 2);
  memcpy(&sum, bytes + checksum, 2);
  sum = ~fold((uint64_t)(uint16_t)~sum + (uint16_t)~old + new);
  if (sum == 0) sum = 0xffff;
  memcpy(bytes + checksum, &sum, 2);
}
