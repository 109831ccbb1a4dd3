"""Two hosts joined by a veth pair, and processes measured on the near one, for Scripts/bench.

The process that imports this is the near host: `unshare --net` has put it into a network namespace of its own. The far
one is the namespace of a child that ends when its standard input does. Neither has a name: the kernel removes both, and
all that is in them, however the run ends. Settings that are changed are those of the far namespace alone.
"""
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

NEAR, FAR = "192.0.2.1", "192.0.2.2"
# All of it is the far host, by way of a gateway: no address of it is asked for by ARP.
HOSTS = "10.9.0.0/16"
# More than any run of a few seconds asks, where nobody answers.
MANY = "10.0.0.0/8"
HOST = "10.9.0.1"
OPEN = (22, 80, 443, 8080, 50000)


class Pair:
    """The far host and the cable; a context, so that what was started is ended."""

    def __enter__(self):
        self.children = []
        self.holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo; read end"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.children.append(self.holder)
        self.holder.stdout.readline()
        space = f"/proc/{self.holder.pid}/ns/net"
        self.nsenter = ["nsenter", f"--net={space}"]
        sh("ip link set lo up; ip link add near0 type veth peer name far0; ip link set far0 netns "
           f"{self.holder.pid}; ip addr add {NEAR}/24 dev near0; ip link set near0 up")
        # Echo replies and resets have no limit by default. Errors have two: one a host, and one for all of them
        # (icmp_msgs_per_sec) that counts on when the first is off. Without a mask neither does.
        self.far(f"ip link set lo up; ip addr add {FAR}/24 dev far0; ip link set far0 up; "
                 f"ip route add local {HOSTS} dev lo; echo 0 >/proc/sys/net/ipv4/icmp_ratemask; "
                 "echo 65536 >/proc/sys/net/ipv4/tcp_max_syn_backlog")
        sh(f"ip route add {HOSTS} via {FAR}")
        listener = ("import signal, socket, sys\n"
                    "sockets = [socket.create_server(('', port), backlog=4096) for port in map(int, sys.argv[1:])]\n"
                    "print(flush=True)\n"
                    "sys.stdin.read()")
        services = subprocess.Popen(
            self.nsenter + ["python3", "-c", listener, *map(str, OPEN)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.children.append(services)
        services.stdout.readline()
        for _ in range(100):
            if subprocess.run(["ping", "-c1", "-W0.1", FAR], stdout=subprocess.DEVNULL, check=False).returncode == 0:
                break
        neighbours = subprocess.run(["ip", "neigh", "show", FAR], capture_output=True, text=True, check=True).stdout
        self.mac = re.search(r"lladdr (\S+)", neighbours)[1]
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.stdin.close()
            child.wait()

    def far(self, line):
        subprocess.run(self.nsenter + ["sh", "-ec", line], check=True)

    def start_at_far(self, command, **others):
        return subprocess.Popen(self.nsenter + command, **others)

    def sink(self, isOn):
        """Whether the far host drops all but ARP before it looks at it."""
        if isOn:
            self.far("nft 'table netdev sink { chain drops { "
                     "type filter hook ingress device far0 priority -500; meta protocol { ip, ip6 } drop; }; }'")
        else:
            self.far("nft delete table netdev sink")


def sh(line):
    subprocess.run(["sh", "-ec", line], check=True)


def sent_packets(interface="near0"):
    """How many frames the interface has handed to its other end."""
    with open("/proc/net/dev", encoding="ascii") as file:
        for line in file:
            name, _, numbers = line.partition(":")
            if name.strip() == interface:
                return int(numbers.split()[9])
    raise LookupError(interface)


def show(command):
    """A command as one would type it: MAC is the gateway's address, FILE an empty file or the one of the packet."""
    def word(text):
        if text.startswith(os.path.join(tempfile.gettempdir(), tempfile.gettempprefix())):
            return "FILE"
        return "MAC" if re.fullmatch("([0-9a-f]{2}:){5}[0-9a-f]{2}", text) else os.path.basename(text)
    return " ".join(text if "/" in text and not text.startswith("/") else word(text) for text in command)


class Run:
    """What a process did and took."""

    def __init__(self, output, seconds, processor, memory, is_cut):
        self.output, self.seconds, self.processor, self.memory = output, seconds, processor, memory
        self.is_cut = is_cut


def start(command, core, output):
    """Starts a command on one core, before all that else would run there.

    This process itself is put there for a moment, and its child inherits that.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    try:
        # A group of its own, since it is ended together with what it starts.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, 0)
        os.sched_setaffinity(0, before)


def end(process):
    """Ends a process and those that it started, by its group's id."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            try:
                os.killpg(process.pid, kind)
                process.wait(1)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def measured(command, core, limit):
    """Runs a command to its end, at most for `limit` seconds.

    The peak of memory is taken by time(1): the kernel would count this process's memory to a child of its own.
    """
    with tempfile.TemporaryFile() as output, tempfile.NamedTemporaryFile("r") as peak:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        process = start([shutil.which("time"), "-q", "-f", "%M", "-o", peak.name, *command], core, output)
        try:
            process.wait(limit)
            is_cut = False
        except subprocess.TimeoutExpired:
            is_cut = True
        finally:
            seconds = time.perf_counter() - started
            end(process)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        output.seek(0)
        memory = peak.read().split()
        return Run(output.read().decode(errors="replace"), seconds, processor,
                   int(memory[-1]) / 1024 if memory and not is_cut else None, is_cut)
