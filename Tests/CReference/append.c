#include "CReference.h"

#include <stdlib.h>
#include <string.h>

uint8_t c_append(const void *bytes, size_t count, size_t times) {
  uint8_t *buffer = malloc(count * times);
  if (buffer == NULL) abort();
  uint8_t *next = buffer;
  for (size_t time = 0; time < times; time++, next += count) memcpy(next, bytes, count);
  uint8_t last = next[-1];
  free(buffer);
  return last;
}
