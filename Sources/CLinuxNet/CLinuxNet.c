#include "CLinuxNet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <nss.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

// Linux 6.13; younger than the C library's headers on Debian 12.
#ifndef SCM_TS_OPT_ID
#define SCM_TS_OPT_ID 81
#endif

static int checked(int result) { return result < 0 ? -errno : result; }

struct clinux_address clinux_none(void) {
  struct clinux_address a;
  memset(&a, 0, sizeof a);
  return a;
}

struct clinux_address clinux_ipv4(uint32_t address, uint16_t port) {
  struct clinux_address a = clinux_none();
  a.length = sizeof a.is.ipv4;
  a.is.ipv4.sin_family = AF_INET;
  a.is.ipv4.sin_port = htons(port);
  a.is.ipv4.sin_addr.s_addr = htonl(address);
  return a;
}

static void put_ipv6(uint8_t *to, uint64_t high, uint64_t low) {
  for (int i = 0; i < 8; i++) {
    to[i] = (uint8_t)(high >> (56 - 8 * i));
    to[8 + i] = (uint8_t)(low >> (56 - 8 * i));
  }
}

static uint64_t half(const uint8_t *from) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value = value << 8 | from[i];
  return value;
}

struct clinux_address clinux_ipv6(uint64_t high, uint64_t low, uint16_t port, uint32_t scope) {
  struct clinux_address a = clinux_none();
  a.length = sizeof a.is.ipv6;
  a.is.ipv6.sin6_family = AF_INET6;
  a.is.ipv6.sin6_port = htons(port);
  a.is.ipv6.sin6_scope_id = scope;
  put_ipv6(a.is.ipv6.sin6_addr.s6_addr, high, low);
  return a;
}

struct clinux_address clinux_link(int interface, uint16_t protocol, uint64_t mac, uint8_t mac_length) {
  struct clinux_address a = clinux_none();
  a.length = sizeof a.is.link;
  a.is.link.sll_family = AF_PACKET;
  a.is.link.sll_protocol = htons(protocol);
  a.is.link.sll_ifindex = interface;
  a.is.link.sll_halen = mac_length;
  for (int i = 0; i < 6; i++) a.is.link.sll_addr[i] = (uint8_t)(mac >> (40 - 8 * i));
  return a;
}

struct clinux_address clinux_netlink(uint32_t groups) {
  struct clinux_address a = clinux_none();
  a.length = sizeof a.is.netlink;
  a.is.netlink.nl_family = AF_NETLINK;
  a.is.netlink.nl_groups = groups;
  return a;
}

struct clinux_address clinux_copy(const struct sockaddr *address, uint32_t length) {
  struct clinux_address a = clinux_none();
  if (length > sizeof a.is) return a;
  a.length = length;
  memcpy(&a.is, address, length);
  return a;
}

int clinux_family(struct clinux_address a) { return a.length ? a.is.any.sa_family : 0; }
uint16_t clinux_port(struct clinux_address a) {
  return ntohs(a.is.any.sa_family == AF_INET6 ? a.is.ipv6.sin6_port : a.is.ipv4.sin_port);
}
uint32_t clinux_ipv4_of(struct clinux_address a) { return ntohl(a.is.ipv4.sin_addr.s_addr); }
uint64_t clinux_ipv6_high(struct clinux_address a) { return half(a.is.ipv6.sin6_addr.s6_addr); }
uint64_t clinux_ipv6_low(struct clinux_address a) { return half(a.is.ipv6.sin6_addr.s6_addr + 8); }
uint32_t clinux_scope(struct clinux_address a) { return a.is.ipv6.sin6_scope_id; }
int clinux_link_interface(struct clinux_address a) { return a.is.link.sll_ifindex; }
uint16_t clinux_link_hardware(struct clinux_address a) { return a.is.link.sll_hatype; }
uint16_t clinux_link_protocol(struct clinux_address a) { return ntohs(a.is.link.sll_protocol); }

int clinux_socket(int domain, int type, int protocol) {
  return checked(socket(domain, type | SOCK_CLOEXEC, protocol));
}
int clinux_bind(int fd, struct clinux_address a) { return checked(bind(fd, &a.is.any, a.length)); }
int clinux_name(int fd, struct clinux_address *a) {
  socklen_t length = sizeof a->is;
  int result = getsockname(fd, &a->is.any, &length);
  a->length = length;
  return checked(result);
}
int clinux_set(int fd, int level, int name, const void *value, size_t size) {
  return checked(setsockopt(fd, level, name, value, (socklen_t)size));
}
int clinux_get(int fd, int level, int name, void *value, size_t size) {
  socklen_t length = (socklen_t)size;
  return checked(getsockopt(fd, level, name, value, &length));
}
int clinux_filter(int fd, const struct sock_filter *program, size_t count) {
  struct sock_fprog whole = {(unsigned short)count, (struct sock_filter *)program};
  return clinux_set(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole);
}

static struct cmsghdr *put(struct msghdr *message, int level, int type, const void *value, size_t size) {
  struct cmsghdr *c = (struct cmsghdr *)((char *)message->msg_control + message->msg_controllen);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(c), value, size);
  message->msg_controllen += CMSG_SPACE(size);
  return c;
}

long clinux_send(int fd, const void *bytes, size_t size, struct clinux_address to,
                 struct clinux_aside aside, int flags) {
  _Alignas(struct cmsghdr) char control[128];
  struct iovec vector = {(void *)bytes, size};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  memset(control, 0, sizeof control);
  message.msg_name = to.length ? &to.is : NULL;
  message.msg_namelen = to.length;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control;
  if (aside.family == 4) {
    struct in_pktinfo info = {aside.interface, {htonl((uint32_t)aside.source_low)}, {0}};
    put(&message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
  } else if (aside.family == 6) {
    struct in6_pktinfo info;
    put_ipv6(info.ipi6_addr.s6_addr, aside.source_high, aside.source_low);
    info.ipi6_ifindex = (unsigned)aside.interface;
    put(&message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  }
  if (aside.is_numbered) put(&message, SOL_SOCKET, SCM_TS_OPT_ID, &aside.number, sizeof aside.number);
  long sent = sendmsg(fd, &message, flags);
  return sent < 0 ? -errno : sent;
}

long clinux_receive(int fd, void *bytes, size_t size, struct clinux_address *from, void *control,
                    size_t *control_size, int *flags) {
  struct iovec vector = {bytes, size};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_name = &from->is;
  message.msg_namelen = sizeof from->is;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = *control_size;
  long got = recvmsg(fd, &message, *flags);
  if (got < 0) return -errno;
  from->length = message.msg_namelen;
  *control_size = message.msg_controllen;
  *flags = message.msg_flags;
  return got;
}

_Static_assert(sizeof(struct clinux_message) == sizeof(struct mmsghdr), "clinux_message is mmsghdr");

int clinux_send_many(int fd, struct clinux_message *messages, unsigned count, int flags) {
  return checked(sendmmsg(fd, (struct mmsghdr *)messages, count, flags));
}
size_t clinux_interface_aside(void *control, size_t room, int family, int interface) {
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_control = control;
  struct in_pktinfo ipv4 = {interface, {0}, {0}};
  struct in6_pktinfo ipv6;
  memset(&ipv6, 0, sizeof ipv6);
  ipv6.ipi6_ifindex = (unsigned)interface;
  if (room < CMSG_SPACE(sizeof ipv6)) return 0;
  if (family == 4) put(&message, IPPROTO_IP, IP_PKTINFO, &ipv4, sizeof ipv4);
  if (family == 6) put(&message, IPPROTO_IPV6, IPV6_PKTINFO, &ipv6, sizeof ipv6);
  return message.msg_controllen;
}
int clinux_is_running(int fd, const char *name) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  return ioctl(fd, SIOCGIFFLAGS, &request) < 0 || (request.ifr_flags & IFF_RUNNING) != 0;
}
void clinux_drop_errors(int fd) {
  char byte;
  while (recv(fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
  }
}

int clinux_ring(int fd, unsigned block_size, unsigned block_count, unsigned milliseconds, unsigned reserve) {
  int version = TPACKET_V3;
  int result = clinux_set(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version);
  if (result < 0) return result;
  result = clinux_set(fd, SOL_PACKET, PACKET_RESERVE, &reserve, sizeof reserve);
  if (result < 0) return result;
  struct tpacket_req3 request;
  memset(&request, 0, sizeof request);
  // A block takes frames of any length; the frame size only has to divide it (packet_mmap.rst).
  request.tp_block_size = block_size;
  request.tp_block_nr = block_count;
  request.tp_frame_size = 2048;
  request.tp_frame_nr = block_size / request.tp_frame_size * block_count;
  request.tp_retire_blk_tov = milliseconds;
  return clinux_set(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request);
}
int clinux_slot_ring(int fd, unsigned slot_size, unsigned slot_count, unsigned reserve) {
  int version = TPACKET_V2;
  int result = clinux_set(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version);
  if (result >= 0) result = clinux_set(fd, SOL_PACKET, PACKET_RESERVE, &reserve, sizeof reserve);
  if (result < 0) return result;
  struct tpacket_req request;
  memset(&request, 0, sizeof request);
  request.tp_block_size = slot_size < 65536 ? 65536 : slot_size;
  request.tp_block_nr = slot_count / (request.tp_block_size / slot_size);
  request.tp_frame_size = slot_size;
  request.tp_frame_nr = request.tp_block_size / slot_size * request.tp_block_nr;
  return clinux_set(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request);
}
int clinux_map(int fd, size_t size, void **memory) {
  void *got = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (got == MAP_FAILED) return -errno;
  *memory = got;
  return 0;
}
void clinux_unmap(void *memory, size_t size) { munmap(memory, size); }

int clinux_block_is_ready(const void *block) {
  const struct tpacket_block_desc *b = block;
  return (__atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}
void clinux_block_release(void *block) {
  struct tpacket_block_desc *b = block;
  __atomic_store_n(&b->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

int clinux_slot_is_ready(const void *slot) {
  const struct tpacket2_hdr *s = slot;
  return (__atomic_load_n(&s->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}
void clinux_slot_release(void *slot) {
  struct tpacket2_hdr *s = slot;
  __atomic_store_n(&s->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

int clinux_promiscuous(int fd, int interface) {
  struct packet_mreq request = {interface, PACKET_MR_PROMISC, 0, {0}};
  return clinux_set(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request);
}
int clinux_packet_statistics(int fd, uint32_t *seen, uint32_t *dropped) {
  struct tpacket_stats_v3 statistics;
  int result = clinux_get(fd, SOL_PACKET, PACKET_STATISTICS, &statistics, sizeof statistics);
  if (result < 0) return result;
  *seen = statistics.tp_packets;
  *dropped = statistics.tp_drops;
  return 0;
}

static int xdp_map(int fd, uint64_t place, const struct xdp_ring_offset *at, size_t size, struct clinux_xdp_ring *ring) {
  ring->size = at->desc + size;
  ring->memory = mmap(NULL, ring->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (off_t)place);
  if (ring->memory == MAP_FAILED) return -errno;
  char *start = ring->memory;
  ring->producer = (uint32_t *)(start + at->producer);
  ring->consumer = (uint32_t *)(start + at->consumer);
  ring->flags = (uint32_t *)(start + at->flags);
  ring->entries = start + at->desc;
  return 0;
}
int clinux_xdp_prepare(int fd, void **memory, uint32_t size, uint32_t count, struct clinux_xdp_ring *transmit,
                       struct clinux_xdp_ring *completion) {
  void *area = mmap(NULL, (size_t)size * count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) return -errno;
  struct xdp_umem_reg whole;
  memset(&whole, 0, sizeof whole);
  whole.addr = (uintptr_t)area;
  whole.len = (uint64_t)size * count;
  whole.chunk_size = size;
  struct xdp_mmap_offsets at;
  // Nothing is received, yet a bind without a fill ring is refused.
  uint32_t least = 2;
  int result = clinux_set(fd, SOL_XDP, XDP_UMEM_REG, &whole, sizeof whole);
  if (result >= 0) result = clinux_set(fd, SOL_XDP, XDP_UMEM_FILL_RING, &least, sizeof least);
  if (result >= 0) result = clinux_set(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &count, sizeof count);
  if (result >= 0) result = clinux_set(fd, SOL_XDP, XDP_TX_RING, &count, sizeof count);
  if (result >= 0) result = clinux_get(fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, sizeof at);
  if (result >= 0) result = xdp_map(fd, XDP_PGOFF_TX_RING, &at.tx, count * sizeof(struct xdp_desc), transmit);
  if (result >= 0) {
    result = xdp_map(fd, XDP_UMEM_PGOFF_COMPLETION_RING, &at.cr, count * sizeof(uint64_t), completion);
    if (result < 0) clinux_xdp_unmap(*transmit);
  }
  if (result < 0) {
    munmap(area, (size_t)size * count);
    return result;
  }
  *memory = area;
  return 0;
}
void clinux_xdp_unmap(struct clinux_xdp_ring ring) { munmap(ring.memory, ring.size); }
int clinux_xdp_bind(int fd, int interface, uint32_t queue) {
  struct sockaddr_xdp address;
  memset(&address, 0, sizeof address);
  address.sxdp_family = AF_XDP;
  address.sxdp_flags = XDP_COPY;
  address.sxdp_ifindex = (uint32_t)interface;
  address.sxdp_queue_id = queue;
  return checked(bind(fd, (struct sockaddr *)&address, sizeof address));
}
// Linux 6.17; younger than the headers of Debian 12.
#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9
#endif
int clinux_xdp_budget(int fd, uint32_t descriptors) {
  return clinux_set(fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &descriptors, sizeof descriptors);
}
int clinux_xdp_kick(int fd) { return checked((int)sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0)); }

_Static_assert(sizeof(struct clinux_poll) == sizeof(struct pollfd), "clinux_poll is pollfd");

int clinux_poll(struct clinux_poll *fds, size_t count, int64_t nanoseconds) {
  struct timespec wait = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  return checked(ppoll((struct pollfd *)fds, count, nanoseconds < 0 ? NULL : &wait, NULL));
}

int64_t clinux_clock(int clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void clinux_timer_slack(unsigned long nanoseconds) { prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0); }
int clinux_cores(void) {
  // Room for 8192 processors, the most that a kernel is built for.
  unsigned char set[1024];
  memset(set, 0, sizeof set);
  if (sched_getaffinity(0, sizeof set, (cpu_set_t *)set) < 0) return 1;
  int count = 0;
  for (size_t i = 0; i < sizeof set; i++) count += __builtin_popcount(set[i]);
  return count > 0 ? count : 1;
}

int clinux_no_new_privileges(void) { return checked(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }
int clinux_clear_ambient(void) { return checked(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)); }
int clinux_unshare_network(void) { return checked(unshare(CLONE_NEWNET)); }
int clinux_setns(int fd) { return checked(setns(fd, 0)); }
int clinux_open(const char *path, int flags) { return checked(open(path, flags | O_CLOEXEC)); }

int clinux_event(void) { return checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }
void clinux_event_raise(int fd) { eventfd_write(fd, 1); }
void clinux_event_clear(int fd) {
  eventfd_t count;
  eventfd_read(fd, &count);
}

void clinux_random(void *bytes, size_t count) {
  char *next = bytes;
  while (count > 0) {
    ssize_t got = getrandom(next, count, 0);
    if (got < 0) continue;
    next += got;
    count -= (size_t)got;
  }
}

int clinux_name_of(struct clinux_address a, char *name, size_t size) {
  return getnameinfo(&a.is.any, a.length, name, (socklen_t)size, NULL, 0, NI_NAMEREQD);
}
void clinux_use_files_and_dns(void) { __nss_configure_lookup("hosts", "files dns"); }

static atomic_ulong came;
static atomic_ulong ever;
static atomic_int wake_descriptor = -1;

static void remember(int signal) {
  int saved = errno;
  atomic_fetch_or(&came, 1ul << signal);
  atomic_fetch_or(&ever, 1ul << signal);
  clinux_event_raise(atomic_load(&wake_descriptor));
  errno = saved;
}

static int handle(int signal, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  // No SA_RESTART: a blocking call is to return with EINTR.
  return checked(sigaction(signal, &action, NULL));
}

int clinux_watch(int signal, int wake) {
  atomic_store(&wake_descriptor, wake);
  return handle(signal, remember);
}
int clinux_ignore(int signal) { return handle(signal, SIG_IGN); }
uint64_t clinux_take_signals(void) { return atomic_exchange(&came, 0); }
uint64_t clinux_signals_ever(void) { return atomic_load(&ever); }
