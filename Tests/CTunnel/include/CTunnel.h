// What the hostile hosts of the laboratory stand on. Every function gives a negative errno(3) where it fails.
#ifndef CTUNNEL_H
#define CTUNNEL_H

#include <stddef.h>
#include <stdint.h>

// Makes a TUN device of this name in the calling thread's network namespace, without packet information in
// front of packets: its descriptor, which is not inherited.
int ctunnel_open(const char *name);
// A packet socket that hears and speaks ARP on the interface of this name in the calling thread's namespace.
int ctunnel_arp(const char *name);
// read(2) and write(2) of one packet.
long ctunnel_read(int fd, void *bytes, size_t size);
long ctunnel_write(int fd, const void *bytes, size_t size);

#endif
