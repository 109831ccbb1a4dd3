// What it takes to keep a laboratory after its command has ended, and to know its namespaces again.
#include "CLinuxNet.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Linux 5.14; younger than the C library's headers may be.
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

int clinux_detach(int *report) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  pid_t child = fork();
  if (child < 0) {
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    return -error;
  }
  if (child == 0) {
    // A process between, which ends at once: so that the keeper is nobody's child, and no session's leader.
    if (setsid() < 0) _exit(1);
    pid_t keeper = fork();
    if (keeper != 0) _exit(keeper < 0);
    close(ends[0]);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < 3 && null >= 0; i++) dup2(null, i);
    // What else came from whoever started us (a pipe, a lock) is not to wait for the keeper's end.
    if (ends[1] > 3) (void)syscall(SYS_close_range, 3, ends[1] - 1, 0);
    (void)syscall(SYS_close_range, ends[1] + 1, ~0U, 0);
    if (chdir("/") < 0) _exit(1);
    // A program with file capabilities belongs to root in /proc, where its user looks for the namespaces.
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    *report = ends[1];
    return 0;
  }
  close(ends[1]);
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
  }
  *report = ends[0];
  return 1;
}

int clinux_own_name(const char *name) {
  if (unshare(CLONE_NEWUTS) < 0) return -errno;
  return sethostname(name, strlen(name)) < 0 ? -errno : 0;
}

uint64_t clinux_network_cookie(void) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0) cookie = 0;
  close(fd);
  return cookie;
}

uint64_t clinux_network_cookie_of(const char *user, const char *network) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return 0;
  pid_t child = fork();
  if (child == 0) {
    int fd = open(network, O_RDONLY | O_CLOEXEC);
    if (user) {
      int owner = open(user, O_RDONLY | O_CLOEXEC);
      // EINVAL: we are in it already.
      if (owner < 0 || (setns(owner, CLONE_NEWUSER) < 0 && errno != EINVAL)) _exit(1);
    }
    if (fd < 0 || setns(fd, CLONE_NEWNET) < 0) _exit(1);
    uint64_t cookie = clinux_network_cookie();
    _exit(write(ends[1], &cookie, sizeof cookie) != sizeof cookie);
  }
  close(ends[1]);
  uint64_t cookie = 0;
  if (child > 0) {
    ssize_t got;
    while ((got = read(ends[0], &cookie, sizeof cookie)) < 0 && errno == EINTR) {
    }
    if (got != sizeof cookie) cookie = 0;
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  close(ends[0]);
  return cookie;
}

int clinux_own_folder(const char *path) {
  struct stat about;
  if (mkdir(path, 0700) < 0 && errno != EEXIST) return -errno;
  if (lstat(path, &about) < 0) return -errno;
  // A folder in /tmp may have been put there by somebody else, to be trusted by us.
  if (!S_ISDIR(about.st_mode)) return -ENOTDIR;
  return about.st_uid == geteuid() && (about.st_mode & 022) == 0 ? 0 : -EPERM;
}

static struct flock whole(void) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

int clinux_lock(const char *path) {
  for (;;) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return -errno;
    struct flock lock = whole();
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
      int error = errno == EACCES ? EAGAIN : errno;
      close(fd);
      return -error;
    }
    struct stat ours, there;
    if (fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino) return fd;
    // Its last owner removed it between the two calls.
    close(fd);
  }
}

int clinux_is_locked(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return -errno;
  struct flock lock = whole();
  int result = fcntl(fd, F_OFD_GETLK, &lock) < 0 ? -errno : lock.l_type != F_UNLCK;
  close(fd);
  return result;
}

int clinux_restore(int number) { return signal(number, SIG_DFL) == SIG_ERR ? -errno : 0; }
