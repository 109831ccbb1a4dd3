"""How well a rate is held, by the kernel's stamps at the far end of the cable, for Scripts/bench."""
import array
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time

from bench_net import FAR, MANY, end, sh, start

RATES = (100, 1000, 5000, 10_000, 20_000, 50_000)
# At these others are measured too.
SHARED = (1000, 20_000)
SECONDS = 10


class Stamps:
    """A capture at the far end of what comes there to one TCP port or more, and the times in it, in nanoseconds."""

    def __init__(self, pair):
        self.file = tempfile.NamedTemporaryFile(suffix=".pcap")
        # Not on the sender's core.
        others = sorted(os.sched_getaffinity(0))[1:] or [0]
        self.process = pair.start_at_far(
            ["taskset", "-c", ",".join(map(str, others)), "tcpdump", "-i", "far0", "-n", "-s", "48", "-B", "65536",
             "--time-stamp-precision=nano", "-Z", "root", "-w", self.file.name, "tcp"],
            stderr=subprocess.PIPE, text=True)
        while "listening on" not in self.process.stderr.readline():
            if self.process.poll() is not None:
                raise RuntimeError("tcpdump did not start")

    def stop(self):
        """Ends the capture and gives the stamps and how many frames tcpdump lost itself."""
        # It is handed the last block within a second.
        time.sleep(1.2)
        self.process.send_signal(signal.SIGINT)
        _, words = self.process.communicate()
        lost = next((int(line.split()[0]) for line in words.splitlines() if "dropped by kernel" in line), 0)
        with open(self.file.name, "rb") as file:
            data = file.read()
        order = {b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}[data[:4]]
        head, stamps, at = struct.Struct(order + "IIII"), array.array("q"), 24
        while at + 16 <= len(data):
            seconds, nanoseconds, length, _ = head.unpack_from(data, at)
            stamps.append(seconds * 1_000_000_000 + nanoseconds)
            at += 16 + length
        return stamps, lost


def fullest(stamps, width=1_000_000):
    """The most stamps in any window of a millisecond, wherever it begins."""
    most = first = 0
    for last, stamp in enumerate(stamps):
        while stamp - stamps[first] >= width:
            first += 1
        most = max(most, last - first + 1)
    return most


def programs(binary, mac, rate, empty, core):
    """The commands; none of them ends before its time."""
    yield [binary, "sweep", "-q", "--rate", str(rate), "-p", "80", "--cooldown", "0", MANY]
    if rate not in SHARED:
        return
    yield ["zmap", "-q", "-i", "near0", "-G", mac, "-b", empty, "-r", str(rate), "-p", "80", "-o", "-",
           "--cores", str(core), MANY]
    yield ["masscan", "--rate", str(rate), "--router-mac", mac, "--interface", "near0", "-p80", "-oL", "-", MANY]


def pace(pair, binary, core):
    print(f"\npacing: {SECONDS} seconds at a rate, by the stamps at the other end; the error of the rate over all of")
    print("them, and the most that came within any millisecond, against twice its share and one more")
    print("    rate   frames  measured    error  fullest ms  allowed  lost by the capture")
    pair.sink(True)
    sh(f"ip route add {MANY} via {FAR}")
    with tempfile.NamedTemporaryFile() as empty, tempfile.TemporaryFile() as output:
        for rate in RATES:
            for command in programs(binary, pair.mac, rate, empty.name, core):
                if not shutil.which(command[0]):
                    continue
                stamps = Stamps(pair)
                process = start(command, core, output)
                try:
                    process.wait(SECONDS + 1)
                except subprocess.TimeoutExpired:
                    pass
                finally:
                    end(process)
                    times, lost = stamps.stop()
                name = os.path.basename(command[0])
                if len(times) < 2:
                    print(f"{rate:8}        -  {name} sent nothing")
                    continue
                # As many as the time is for, since what follows is the end of the run.
                last = min(len(times) - 1, rate * SECONDS)
                measured = last * 1e9 / (times[last] - times[0])
                print(f"{rate:8}{len(times):9}{measured:10.1f}{(measured / rate - 1) * 100:8.2f}%{fullest(times):12}"
                      f"{2 * rate / 1000 + 1:9.1f}{lost:8}  {name}", flush=True)
    sh(f"ip route del {MANY} via {FAR}")
    pair.sink(False)
