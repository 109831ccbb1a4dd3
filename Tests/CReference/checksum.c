#include "CReference.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static uint16_t folded(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  uint32_t half = (uint32_t)((sum & 0xffff) + (sum >> 16));
  half = (half & 0xffff) + (half >> 16);
  return (uint16_t)~half;
}

// Additions of 64 bits whose carries are counted in the upper half.
static uint64_t carry_sum(uint64_t start, const uint8_t *bytes, size_t count) {
  unsigned __int128 sum = start;
  uint64_t eight[4];
  while (count >= 32) {
    memcpy(eight, bytes, 32);
    sum += eight[0];
    sum += eight[1];
    sum += eight[2];
    sum += eight[3];
    bytes += 32;
    count -= 32;
  }
  while (count >= 8) {
    memcpy(eight, bytes, 8);
    sum += eight[0];
    bytes += 8;
    count -= 8;
  }
  if (count & 4) {
    uint32_t four;
    memcpy(&four, bytes, 4);
    sum += four;
    bytes += 4;
  }
  if (count & 2) {
    uint16_t two;
    memcpy(&two, bytes, 2);
    sum += two;
    bytes += 2;
  }
  if (count & 1) {
    uint16_t last = 0;
    memcpy(&last, bytes, 1);
    sum += last;
  }
  uint64_t low = (uint64_t)sum, carries = (uint64_t)(sum >> 64);
  low += carries;
  return low + (low < carries);
}

uint16_t c_checksum_carry(const void *bytes, size_t count) { return folded(carry_sum(0, bytes, count)); }

#if defined(__SSE2__)

static __m128i halves(__m128i sum, __m128i words, __m128i mask) {
  return _mm_add_epi32(sum, _mm_add_epi32(_mm_and_si128(words, mask), _mm_srli_epi32(words, 16)));
}

uint16_t c_checksum_sse2(const void *bytes, size_t count) {
  const uint8_t *next = bytes;
  const __m128i mask = _mm_set1_epi32(0xffff);
  const __m128i zero = _mm_setzero_si128();
  uint64_t sum = 0;
  while (count >= 64) {
    size_t lines = count / 64 < 32768 ? count / 64 : 32768;
    count -= lines * 64;
    __m128i a = zero, b = zero, c = zero, d = zero;
    for (; lines > 0; lines--, next += 64) {
      a = halves(a, _mm_loadu_si128((const __m128i *)next), mask);
      b = halves(b, _mm_loadu_si128((const __m128i *)next + 1), mask);
      c = halves(c, _mm_loadu_si128((const __m128i *)next + 2), mask);
      d = halves(d, _mm_loadu_si128((const __m128i *)next + 3), mask);
    }
    __m128i low = zero;
    __m128i parts[4] = {a, b, c, d};
    for (int part = 0; part < 4; part++) {
      low = _mm_add_epi64(low, _mm_unpacklo_epi32(parts[part], zero));
      low = _mm_add_epi64(low, _mm_unpackhi_epi32(parts[part], zero));
    }
    uint64_t lanes[2];
    _mm_storeu_si128((__m128i *)lanes, low);
    sum += lanes[0] + lanes[1];
  }
  return folded(carry_sum(sum, next, count));
}

#else

uint16_t c_checksum_sse2(const void *bytes, size_t count) { return c_checksum_carry(bytes, count); }

#endif
