#include "CTunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int failed(int fd) {
  int error = errno;
  if (fd >= 0) close(fd);
  return -error;
}

// Opens the kernel's TUN driver by a node that is gone again at once, where /dev lacks the usual one.
static int open_private_node(void) {
  char path[64];
  snprintf(path, sizeof path, "/dev/sonde-tun-%ld", (long)gettid());
  if (mknod(path, S_IFCHR | 0600, makedev(10, 200)) < 0) return -1;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  int error = errno;
  unlink(path);
  errno = error;
  return fd;
}

int ctunnel_open(const char *name) {
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) fd = open_private_node();
  if (fd < 0) return failed(fd);
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  return ioctl(fd, TUNSETIFF, &request) < 0 ? failed(fd) : fd;
}

int ctunnel_arp(const char *name) {
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) return failed(fd);
  struct sockaddr_ll address;
  memset(&address, 0, sizeof address);
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ARP);
  address.sll_ifindex = (int)if_nametoindex(name);
  if (address.sll_ifindex == 0) return failed(fd);
  return bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? failed(fd) : fd;
}

long ctunnel_read(int fd, void *bytes, size_t size) {
  long count = read(fd, bytes, size);
  return count < 0 ? -errno : count;
}

long ctunnel_write(int fd, const void *bytes, size_t size) {
  long count = write(fd, bytes, size);
  return count < 0 ? -errno : count;
}
