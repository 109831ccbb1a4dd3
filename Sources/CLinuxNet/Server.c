// What a server of many clients needs: accepting, and waiting for many descriptors at once.
#include "CLinuxNet.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

static int checked(int result) { return result < 0 ? -errno : result; }

int clinux_accept(int fd, struct clinux_address *peer) {
  socklen_t length = sizeof peer->is;
  int result = accept4(fd, &peer->is.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  peer->length = length;
  return checked(result);
}

long clinux_stream_receive(int fd, void *bytes, size_t size) {
  ssize_t count = recv(fd, bytes, size, MSG_DONTWAIT);
  return count < 0 ? -errno : count;
}

long clinux_stream_send(int fd, const void *bytes, size_t size) {
  ssize_t count = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  return count < 0 ? -errno : count;
}

int clinux_watcher(void) { return checked(epoll_create1(EPOLL_CLOEXEC)); }

static int change(int watcher, int operation, int fd, uint64_t token, int reads, int writes) {
  // Hang-ups and errors are told of unasked (epoll_ctl(2)).
  struct epoll_event event = {(reads ? EPOLLIN : 0) | (writes ? EPOLLOUT : 0), {.u64 = token}};
  return checked(epoll_ctl(watcher, operation, fd, &event));
}
int clinux_watcher_add(int watcher, int fd, uint64_t token, int reads, int writes) {
  return change(watcher, EPOLL_CTL_ADD, fd, token, reads, writes);
}
int clinux_watcher_change(int watcher, int fd, uint64_t token, int reads, int writes) {
  return change(watcher, EPOLL_CTL_MOD, fd, token, reads, writes);
}

int clinux_watcher_wait(int watcher, struct clinux_ready *ready, int count, int milliseconds) {
  struct epoll_event events[64];
  if (count > 64) count = 64;
  int found = epoll_wait(watcher, events, count, milliseconds);
  for (int i = 0; i < found; i++) {
    uint32_t is = events[i].events;
    ready[i].token = events[i].data.u64;
    ready[i].reads = (is & EPOLLIN) != 0;
    ready[i].writes = (is & EPOLLOUT) != 0;
    ready[i].is_over = (is & (EPOLLERR | EPOLLHUP)) != 0;
  }
  return checked(found);
}

int clinux_raise_file_limit(unsigned long *limit) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) < 0) return -errno;
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) < 0 || getrlimit(RLIMIT_NOFILE, &files) < 0) return -errno;
  *limit = files.rlim_cur;
  return 0;
}
