// What laboratories of namespaces need of the C library.
#include "CLinuxNet.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int checked(int result) { return result < 0 ? -errno : result; }

int clinux_receive_many(int fd, struct clinux_message *messages, unsigned count) {
  return checked(recvmmsg(fd, (struct mmsghdr *)messages, count, MSG_DONTWAIT, NULL));
}
int clinux_unshare_user(void) { return checked(unshare(CLONE_NEWUSER | CLONE_NEWNET)); }
uint64_t clinux_inode(int fd) {
  struct stat about;
  return fstat(fd, &about) < 0 ? 0 : about.st_ino;
}

static int ethtool(int fd, const char *name, unsigned command, unsigned value) {
  struct ethtool_value asked = {command, value};
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  request.ifr_data = (char *)&asked;
  return ioctl(fd, SIOCETHTOOL, &request) < 0 ? -errno : (int)asked.data;
}
int clinux_offloads_off(int fd, const char *name) {
  static const unsigned commands[] = {ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO};
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    int result = ethtool(fd, name, commands[i], 0);
    if (result < 0) return result;
  }
  return 0;
}
int clinux_has_link(int fd, const char *name) { return ethtool(fd, name, ETHTOOL_GLINK, 0); }

int clinux_share_folder(const char *path) {
  if (mkdir(path, 0755) < 0 && errno != EEXIST) return -errno;
  if (mount("", path, "none", MS_SHARED | MS_REC, NULL) == 0) return 0;
  // It is no mount of its own yet (ip-netns(8) does the same).
  if (errno != EINVAL || mount(path, path, "none", MS_BIND | MS_REC, NULL) < 0) return -errno;
  return checked(mount("", path, "none", MS_SHARED | MS_REC, NULL));
}
int clinux_bind_file(const char *from, const char *onto) {
  int fd = open(onto, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  if (fd < 0) return -errno;
  close(fd);
  if (mount(from, onto, "none", MS_BIND, NULL) == 0) return 0;
  int error = errno;
  unlink(onto);
  return -error;
}
int clinux_unmount(const char *path) {
  int result = umount2(path, MNT_DETACH);
  // EINVAL: nothing is mounted there.
  if (result < 0 && errno != EINVAL) return -errno;
  return checked(unlink(path));
}

int clinux_process(int process) { return checked((int)syscall(SYS_pidfd_open, process, 0)); }
int clinux_ended(int process, int *status) {
  siginfo_t about;
  memset(&about, 0, sizeof about);
  if (waitid(P_PID, (id_t)process, &about, WEXITED | WNOHANG) < 0) return -errno;
  if (about.si_pid == 0) return 0;
  *status = about.si_code == CLD_EXITED ? about.si_status : 128 + about.si_status;
  return 1;
}
int clinux_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  return checked(fcntl(ends[0], F_SETFL, O_NONBLOCK));
}
int clinux_memory(const void *bytes, size_t size) {
  int fd = memfd_create("sonde", MFD_CLOEXEC);
  if (fd < 0) return -errno;
  const char *next = bytes;
  while (size > 0) {
    ssize_t put = write(fd, next, size);
    if (put <= 0) {
      int error = put < 0 ? errno : EIO;
      close(fd);
      return -error;
    }
    next += put;
    size -= (size_t)put;
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

int clinux_own_hosts(const char *text) {
  if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -errno;
  // The file is on a file system in memory that stands on /tmp for a moment: no trace is left on a disk.
  if (mount("sonde", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=0755") < 0) return -errno;
  int fd = open("/tmp/hosts", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  int result = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
  if (fd >= 0) close(fd);
  if (result == 0) result = checked(mount("/tmp/hosts", "/etc/hosts", NULL, MS_BIND, NULL));
  umount2("/tmp", MNT_DETACH);
  return result;
}
int clinux_become(char *const *words) { return checked(execvp(words[0], words)); }

// The signal that tells a guard of its parent's end: no program sends it to its group.
#define LOSS SIGRTMAX

static void end_group(int number) {
  (void)number;
  kill(0, SIGKILL);
}

// Becomes the guard of a program and of all that it starts, whose group it leads: they end with it when the parent
// does, however that ends, and its exit status is the program's. A program alone could have the kernel kill it, but not
// what it has started.
static _Noreturn void guard(pid_t program, pid_t parent) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = end_group;
  sigaction(LOSS, &action, NULL);
  prctl(PR_SET_PDEATHSIG, LOSS, 0, 0, 0);
  if (getppid() != parent) end_group(LOSS);
  // All others stay blocked: what the group is asked to do is for the program.
  sigset_t loss;
  sigemptyset(&loss);
  sigaddset(&loss, LOSS);
  sigprocmask(SIG_UNBLOCK, &loss, NULL);
  // Whoever reads what the program writes waits for its end alone.
  (void)syscall(SYS_close_range, 0, ~0U, 0);
  int status = 0;
  while (waitpid(program, &status, 0) < 0 && errno == EINTR) {
  }
  _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

// In the child: only what signal-safety(7) allows, as the parent may have had threads.
static int begin(const struct clinux_start *s, pid_t parent) {
  static const int defaults[] = {SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) signal(defaults[i], SIG_DFL);
  // The guard too: it is found on the host, like what it guards.
  if (setns(s->network, CLONE_NEWNET) < 0) return -errno;
  if (s->is_background) {
    if (setpgid(0, 0) < 0) return -errno;
    pid_t program = fork();
    if (program < 0) return -errno;
    if (program > 0) guard(program, parent);
  }
  // A program without the names is better than none.
  if (s->hosts) (void)clinux_own_hosts(s->hosts);
  const int streams[] = {s->input, s->output, s->errors};
  for (int i = 0; i < 3; i++)
    if (streams[i] >= 0 && dup2(streams[i], i) < 0) return -errno;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // Before the search, which is by the program's own PATH.
  environ = (char **)s->environment;
  execvp(s->words[0], s->words);
  return -errno;
}

int clinux_start(const struct clinux_start *s) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return -errno;
  sigset_t all, before;
  sigfillset(&all);
  // Until the program runs, no handler of this one may: it would speak for the parent.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    int result = begin(s, parent);
    (void)!write(report[1], &result, sizeof result);
    _exit(127);
  }
  int result = child < 0 ? -errno : child;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  int failure = 0;
  if (child > 0) {
    ssize_t got;
    // The end of the pipe comes with the program, as it closes on exec.
    while ((got = read(report[0], &failure, sizeof failure)) < 0 && errno == EINTR) {
    }
    if (got == sizeof failure) {
      while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
      }
      result = failure;
    }
  }
  close(report[0]);
  return result;
}
