// What Swift cannot reach of the C library: the CMSG macros, variadic functions, what hides behind
// _GNU_SOURCE, and signal handlers. Every function that can fail returns a negative errno(3).
#ifndef CLINUXNET_H
#define CLINUXNET_H

#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/netlink.h>

// A socket address of any family that Sonde uses, with its length.
struct clinux_address {
  uint32_t length;
  union {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    struct sockaddr_ll link;
    struct sockaddr_nl netlink;
  } is;
};

// Addresses and ports are numbers in host order; an IPv6 address is two halves.
struct clinux_address clinux_none(void);
struct clinux_address clinux_ipv4(uint32_t address, uint16_t port);
struct clinux_address clinux_ipv6(uint64_t high, uint64_t low, uint16_t port, uint32_t scope);
struct clinux_address clinux_link(int interface, uint16_t protocol, uint64_t mac, uint8_t mac_length);
struct clinux_address clinux_netlink(uint32_t groups);
struct clinux_address clinux_copy(const struct sockaddr *address, uint32_t length);
int clinux_family(struct clinux_address address);
uint16_t clinux_port(struct clinux_address address);
uint32_t clinux_ipv4_of(struct clinux_address address);
uint64_t clinux_ipv6_high(struct clinux_address address);
uint64_t clinux_ipv6_low(struct clinux_address address);
uint32_t clinux_scope(struct clinux_address address);
int clinux_link_interface(struct clinux_address address);
uint16_t clinux_link_hardware(struct clinux_address address);
uint16_t clinux_link_protocol(struct clinux_address address);

int clinux_socket(int domain, int type, int protocol);
int clinux_bind(int fd, struct clinux_address address);
int clinux_name(int fd, struct clinux_address *address);
int clinux_set(int fd, int level, int name, const void *value, size_t size);
int clinux_get(int fd, int level, int name, void *value, size_t size);
int clinux_filter(int fd, const struct sock_filter *program, size_t count);

// What goes along with a packet as control messages.
struct clinux_aside {
  // Out by this interface; 0 leaves it to routing.
  int interface;
  // 4 or 6: whether, and in which family, to send an IP_PKTINFO or IPV6_PKTINFO.
  int family;
  // The source address as numbers in host order; all zero leaves it to routing.
  uint64_t source_high, source_low;
  // Whether `number` goes along as SCM_TS_OPT_ID.
  int is_numbered;
  uint32_t number;
};

// sendmsg(2) and recvmsg(2), flat; the octets sent or received, or a negative errno.
long clinux_send(int fd, const void *bytes, size_t size, struct clinux_address to,
                 struct clinux_aside aside, int flags);
long clinux_receive(int fd, void *bytes, size_t size, struct clinux_address *from, void *control,
                    size_t *control_size, int *flags);

// One message of sendmmsg(2): the layout of `struct mmsghdr`, which hides behind _GNU_SOURCE.
struct clinux_message {
  struct msghdr header;
  unsigned sent;
};
// sendmmsg(2); how many went, or a negative errno.
int clinux_send_many(int fd, struct clinux_message *messages, unsigned count, int flags);
// Writes a control message that has packets of family 4 or 6 leave by an interface, and gives its length.
size_t clinux_interface_aside(void *control, size_t room, int family, int interface);
// SIOCGIFFLAGS: whether an interface is up and its link has a carrier (IFF_RUNNING, netdevice(7)); 1 where the kernel
// does not tell.
int clinux_is_running(int fd, const char *name);
// Takes what waits on a socket's error queue away.
void clinux_drop_errors(int fd);

// Makes a packet socket's receive ring of kind TPACKET_V3: blocks that come to us when full or after so many
// milliseconds, with `reserve` octets left free before each frame.
int clinux_ring(int fd, unsigned block_size, unsigned block_count, unsigned milliseconds, unsigned reserve);
// The same of kind TPACKET_V2: slots of `slot_size` octets, a power of two, each of which comes at once.
int clinux_slot_ring(int fd, unsigned slot_size, unsigned slot_count, unsigned reserve);
// mmap(2) of the socket's ring, to be read and written, and its end.
int clinux_map(int fd, size_t size, void **memory);
void clinux_unmap(void *memory, size_t size);
// Whether a block of the ring is ours; what was written to it is seen if so. Release gives it back.
int clinux_block_is_ready(const void *block);
void clinux_block_release(void *block);
// The same of a slot.
int clinux_slot_is_ready(const void *slot);
void clinux_slot_release(void *slot);
// PACKET_ADD_MEMBERSHIP with PACKET_MR_PROMISC.
int clinux_promiscuous(int fd, int interface);
// PACKET_STATISTICS: frames seen, and among them those dropped, since the last call.
int clinux_packet_statistics(int fd, uint32_t *seen, uint32_t *dropped);

// One ring of an AF_XDP socket: its two counters, which both sides write to in turn, its flags, its entries.
struct clinux_xdp_ring {
  uint32_t *producer, *consumer, *flags;
  void *entries;
  void *memory;
  size_t size;
};
// Registers memory with an AF_XDP socket and makes its rings (the kernel's networking/af_xdp.rst): `count` frames of
// `size` octets each, and a transmit and a completion ring with as many entries.
int clinux_xdp_prepare(int fd, void **memory, uint32_t size, uint32_t count, struct clinux_xdp_ring *transmit,
                       struct clinux_xdp_ring *completion);
void clinux_xdp_unmap(struct clinux_xdp_ring ring);
// Binds to a queue of an interface, in copy mode.
int clinux_xdp_bind(int fd, int interface, uint32_t queue);
// How many descriptors one kick may send; kernels before 6.17 know 32 only.
int clinux_xdp_budget(int fd, uint32_t descriptors);
// Has the kernel look at the transmit ring.
int clinux_xdp_kick(int fd);
static inline uint32_t clinux_load_acquire(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void clinux_store_release(uint32_t *word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

struct clinux_poll { int fd; short events, revents; };
// ppoll(2); a negative timeout waits without end.
int clinux_poll(struct clinux_poll *fds, size_t count, int64_t nanoseconds);

int64_t clinux_clock(int clock);
// PR_SET_TIMERSLACK for the calling thread, in nanoseconds.
void clinux_timer_slack(unsigned long nanoseconds);
// The processors that the process may run on; 1 if the kernel does not tell.
int clinux_cores(void);
int clinux_no_new_privileges(void);
int clinux_clear_ambient(void);
int clinux_unshare_network(void);
int clinux_setns(int fd);
int clinux_open(const char *path, int flags);
// eventfd(2): non-blocking, close-on-exec; raise makes it readable, clear unreadable.
int clinux_event(void);
void clinux_event_raise(int fd);
void clinux_event_clear(int fd);
// getrandom(2), to the last octet.
void clinux_random(void *bytes, size_t count);
// getnameinfo(3) with NI_NAMEREQD; 0 or an EAI_ code.
int clinux_name_of(struct clinux_address address, char *name, size_t size);
void clinux_use_files_and_dns(void);

// recvmmsg(2), without waiting; how many came, or a negative errno.
int clinux_receive_many(int fd, struct clinux_message *messages, unsigned count);
// unshare(2) of a user and a network namespace.
int clinux_unshare_user(void);
// The number by which stat(2) knows a namespace's file; 0 if it has none.
uint64_t clinux_inode(int fd);
// ETHTOOL_S* of ethtool(8)'s tx, tso, gso and gro: all off.
int clinux_offloads_off(int fd, const char *name);
// ETHTOOL_GLINK: whether an interface's link stands; it makes kernels since 6.8 act on what is new of it.
int clinux_has_link(int fd, const char *name);
// mount(2) of a namespace's file onto another, in a folder that all see the mounts of; and its end.
int clinux_share_folder(const char *path);
int clinux_bind_file(const char *from, const char *onto);
int clinux_unmount(const char *path);
// pidfd_open(2): a descriptor that polls as readable once the process has ended.
int clinux_process(int process);
// waitid(2) without waiting: 1 if it ended, with its exit status, or 128 and the signal's number; 0 if not.
int clinux_ended(int process, int *status);
// pipe2(2): close-on-exec, and its reading end, the first, does not block.
int clinux_pipe(int ends[2]);
// memfd_create(2): a file in memory with these octets, to be read from their start.
int clinux_memory(const void *bytes, size_t size);

// A program to start: what fork(2) and execve(2) leave to choose.
struct clinux_start {
  char *const *words;
  char *const *environment;
  // The network namespace, and the streams; -1 leaves a stream as it is.
  int network, input, output, errors;
  // The text of its /etc/hosts; NULL leaves the machine's.
  const char *hosts;
  // Whether it leads a process group of its own, and ends with the thread that starts it.
  int is_background;
};
// The process, or a negative errno of what failed before the program ran.
int clinux_start(const struct clinux_start *start);
// execvp(3); a negative errno.
int clinux_become(char *const *words);
// A mount namespace for the calling process, in which /etc/hosts has this text.
int clinux_own_hosts(const char *text);

// Remembers each of these signals in one set, and writes to `wake` (an eventfd) when one comes.
int clinux_watch(int signal, int wake);
int clinux_ignore(int signal);
int clinux_restore(int signal);
// The signals that came since the last call, as bits 1 << number.
uint64_t clinux_take_signals(void);
// The signals that ever came, as the same bits.
uint64_t clinux_signals_ever(void);

// Goes on as a process of nobody, with no terminal and its streams on /dev/null. Returns 0 in it, with the end of a pipe
// to write to; and 1 in the process that called, with the end to read from. For a process of one thread.
int clinux_detach(int *report);
// A hostname of the calling process's own (uts_namespaces(7)).
int clinux_own_name(const char *name);
// The number of the calling thread's network namespace that no other has until the machine starts anew; 0 where the
// kernel has none (before 5.14).
uint64_t clinux_network_cookie(void);
// The same of a namespace's file; `user` is the file of the user namespace that owns it, or NULL.
uint64_t clinux_network_cookie_of(const char *user, const char *network);
// Makes a folder for its user alone, or finds it to be one: -EPERM if it is another's.
int clinux_own_folder(const char *path);
// Opens a file and locks it until the descriptor closes, in every process that has it (F_OFD_SETLK, fcntl(2)): -EAGAIN
// if another has locked it.
int clinux_lock(const char *path);
// Whether a file is locked: 1 or 0.
int clinux_is_locked(const char *path);

// accept4(2): the connection's descriptor, which does not block and closes on exec.
int clinux_accept(int fd, struct clinux_address *peer);
// recv(2) and send(2) on a stream, without waiting and without SIGPIPE; the octets, or a negative errno.
long clinux_stream_receive(int fd, void *bytes, size_t size);
long clinux_stream_send(int fd, const void *bytes, size_t size);

// A descriptor that one waits for, with the number that it was added under.
struct clinux_ready {
  uint64_t token;
  int reads, writes, is_over;
};
// epoll(7), level-triggered; the wait gives how many are ready, 64 at most.
int clinux_watcher(void);
int clinux_watcher_add(int watcher, int fd, uint64_t token, int reads, int writes);
int clinux_watcher_change(int watcher, int fd, uint64_t token, int reads, int writes);
int clinux_watcher_wait(int watcher, struct clinux_ready *ready, int count, int milliseconds);
// Lets the process open as many files as it is ever allowed to (RLIMIT_NOFILE, getrlimit(2)), and says how many.
int clinux_raise_file_limit(unsigned long *limit);

#endif
