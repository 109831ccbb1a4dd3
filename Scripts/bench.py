"""Measures processes for Scripts/bench, which says what there is."""
import json
import os
import re
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time


def show(command):
    return " ".join(os.path.basename(word) if word.startswith("/") else word for word in command)


def startup(binary, runs):
    """The whole time of a process that sends one echo request on loopback and prints the answer."""
    print("\nstart-up: milliseconds from a process's start to its end")
    print("  median   least  to ping's median")
    ping = ["ping", "-c", "1", "127.0.0.1"]
    interleaved(runs, [ping, [binary, "ping", "-c", "1", "127.0.0.1"]])
    others = [
        [binary, "probe", "-p", "9", "127.0.0.1"],
        [binary, "sweep", "-p", "9", "127.0.0.1"],
        ["fping", "-q", "-c", "1", "127.0.0.1"],
        ["hping3", "-1", "-c", "1", "127.0.0.1"],
        ["nping", "--icmp", "-c", "1", "127.0.0.1"],
    ]
    interleaved(max(runs // 5, 1), [ping] + [other for other in others if shutil.which(other[0])])


def interleaved(runs, commands):
    times = [[] for _ in commands]
    for _ in range(runs):
        for command, taken in zip(commands, times):
            started = time.perf_counter_ns()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            taken.append(time.perf_counter_ns() - started)
    base = statistics.median(times[0])
    for command, taken in zip(commands, times):
        median = statistics.median(taken)
        print(f"{median / 1e6:8.2f}{min(taken) / 1e6:8.2f}{median / base:8.2f}  {show(command)}  ({runs} runs)")


class Capture:
    """tcpdump on an interface of a namespace, with the kernel's stamps in nanoseconds."""

    def __init__(self, space, interface):
        self.file = tempfile.NamedTemporaryFile(suffix=".pcap")
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", space, "tcpdump", "-i", interface, "-U", "-s", "128", "-B", "8192",
             "--time-stamp-precision=nano", "-Z", "root", "-w", self.file.name, "icmp or icmp6"],
            stderr=subprocess.PIPE, text=True)
        while "listening on" not in self.process.stderr.readline():
            if self.process.poll() is not None:
                sys.exit("tcpdump did not start")

    def stop(self):
        # Until tcpdump has been handed the last block: it is woken once a second.
        time.sleep(1.2)
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()

    def round_trips(self):
        """The time in nanoseconds between request and reply, by sequence number."""
        data = open(self.file.name, "rb").read()
        order = {b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}[data[:4]]
        requests, trips, at = {}, {}, 24
        while at + 16 <= len(data):
            seconds, nanoseconds, length, _ = struct.unpack_from(order + "IIII", data, at)
            frame = data[at + 16:at + 16 + length]
            at += 16 + length
            stamp = seconds * 1_000_000_000 + nanoseconds
            is_ipv4 = frame[12:14] == b"\x08\x00"
            message = frame[14 + (frame[14] & 15) * 4:] if is_ipv4 else frame[54:]
            kind = message[0]
            key = struct.unpack(">HH", message[4:8])
            if kind in (8, 128):
                requests[key] = stamp
            elif kind in (0, 129) and key in requests:
                trips[key[1]] = stamp - requests.pop(key)
        return trips


def reported_by_sonde(text):
    """Round-trip times by sequence number, and how many are the kernel's."""
    answers = [line for line in map(json.loads, text.splitlines()) if line["type"] == "answer"]
    kernel = sum(answer["rtt_clock"] == "kernel" for answer in answers)
    return {answer["seq"]: answer["rtt_ns"] for answer in answers}, kernel


def reported(pattern, order=">"):
    """What reads round-trip times, printed in milliseconds, by sequence number as `order` sends it."""
    def read(text):
        found = re.finditer(pattern, text)
        return {on_wire(int(match["seq"]), order): float(match["ms"]) * 1e6 for match in found}, None
    return read


def on_wire(sequence, order):
    return struct.unpack(">H", struct.pack(order + "H", sequence))[0]


def reported_by_nping(text):
    """The difference of the times, in seconds since the start, that stand at a request and at its reply."""
    lines = re.findall(r"(SENT|RCVD) \(([\d.]+)s\) .*? seq=(\d+)", text)
    sent = {int(sequence): float(at) for kind, at, sequence in lines if kind == "SENT"}
    return {int(sequence): (float(at) - sent[int(sequence)]) * 1e9
            for kind, at, sequence in lines if kind == "RCVD" and int(sequence) in sent}, None


ROUNDS = 5


def rtt(binary, probes, space, interface, ipv4, ipv6):
    """How far reported round-trip times are from those between the frames in a capture."""
    count = str(max(probes // ROUNDS, 1))
    print(f"\nrtt: {ROUNDS} times {count} echo requests 5 ms apart over a veth pair, the programs in turn; microseconds.")
    print("diff: reported less captured; captured: between the frames at the sender's interface; kernel: how many of")
    print("the reported times are the kernel's")
    print("  |diff|  p90|diff|    diff  captured  replies  kernel  |diff| to ping's; medians, p90 the 90th percentile")
    ping = reported(r"icmp_seq=(?P<seq>\d+) ttl=\d+ time=(?P<ms>[\d.]+) ms")
    for family, host in (("-4", ipv4), ("-6", ipv6)):
        runs = [(["ping", family, "-n", "-c", count, "-i", "0.005", host], ping)]
        for door in ("datagram", "raw"):
            command = [binary, "ping", family, "-c", count, "-i", "0.005", "--door", door, "--json", host]
            runs.append((command, reported_by_sonde))
        if shutil.which("fping"):
            pattern = r"\[(?P<seq>\d+)\], \d+ bytes, (?P<ms>[\d.]+) ms"
            runs.append((["fping", family, "-c", count, "-p", "5", host], reported(pattern)))
        if shutil.which("hping3") and family == "-4":
            pattern = r"icmp_seq=(?P<seq>\d+) rtt=(?P<ms>[\d.]+) ms"
            # It sends its numbers in the machine's byte order.
            runs.append((["hping3", "-1", "-c", count, "-i", "u5000", host], reported(pattern, "=")))
        if shutil.which("nping") and family == "-4":
            runs.append((["nping", "--icmp", "-c", count, "--delay", "5ms", host], reported_by_nping))
        pairs, kernels = [[] for _ in runs], [None for _ in runs]
        for _ in range(ROUNDS):
            for index, (command, read) in enumerate(runs):
                told, kernel, captured = run_captured(command, read, space, interface)
                pairs[index] += [(told[number], captured[number]) for number in told.keys() & captured.keys()]
                if kernel is not None:
                    kernels[index] = (kernels[index] or 0) + kernel
        base = None
        for (command, _), found, kernel in zip(runs, pairs, kernels):
            if not found:
                print(f"  no replies: {show(command)}")
                continue
            apart = sorted(abs(told - captured) for told, captured in found)
            median = statistics.median(apart)
            base = base or median
            print(f"{median / 1e3:8.2f}{apart[len(apart) * 9 // 10] / 1e3:11.2f}"
                  f"{statistics.median(told - captured for told, captured in found) / 1e3:8.2f}"
                  f"{statistics.median(captured for _, captured in found) / 1e3:10.2f}"
                  f"{len(found):9}{'-' if kernel is None else kernel:>8}{median / base:10.2f}  {show(command)}")


def run_captured(command, read, space, interface):
    """What a program reports and what a capture beside it shows, by sequence number."""
    capture = Capture(space, interface)
    try:
        result = subprocess.run(
            ["ip", "netns", "exec", space] + command, capture_output=True, text=True, check=False)
    finally:
        capture.stop()
    return *read(result.stdout), capture.round_trips()


def captures(binary, count):
    """Whole captures read by sonde and by tshark: wall time and the most memory held, the middle of three runs."""
    print(f"\ncaptures: {count} packets, TCP, UDP and ICMP echo; output thrown away")
    print(" seconds     MiB  to tshark's time")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mix.pcap")
        write_mix(path, count)
        checks = [word for name in ("ip", "tcp", "udp") for word in ("-o", f"{name}.check_checksum:TRUE")]
        for command, peer in [
            ([binary, "decode", path], ["tshark", "-n", "-r", path]),
            ([binary, "checksum", path], ["tshark", "-n", "-r", path, *checks]),
        ]:
            base = None
            for line in (peer, command):
                runs = sorted(used(line) for _ in range(3))
                seconds, memory = runs[1]
                base = base or seconds
                print(f"{seconds:8.2f}{memory / 1024:8.1f}{seconds / base:10.3f}  "
                      f"{show([word for word in line if word != path])}")


def used(command):
    """The seconds that a command took, and the most KiB that it held."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - started, usage.ru_maxrss


def write_mix(path, count):
    """A pcap file of Ethernet frames between documentation addresses, sums right."""
    def checksum(octets):
        words = struct.unpack(f"!{(len(octets) + 1) // 2}H", octets + bytes(len(octets) % 2))
        total = sum(words)
        while total >> 16:
            total = (total & 0xffff) + (total >> 16)
        return ~total & 0xffff

    sequence = {}
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for number in range(count):
            flow = number * 7919 % 20000
            source, target = bytes([192, 0, 2, flow % 250 + 1]), bytes([198, 51, 100, flow // 250 + 1])
            kind = number % 10
            if kind < 6:
                data = b"x" * (0, 0, 10, 100, 500)[number % 5]
                start = sequence.get(flow, flow)
                sequence[flow] = start + len(data)
                protocol, place = 6, 16
                segment = struct.pack("!HHIIBBHHHHBBII", 1024 + flow, 80, start & 0xffffffff, 7, 0x80,
                                      0x18 if data else 0x10, 501, 0, 0, 0x0101, 8, 10, number, number) + data
            elif kind < 9:
                protocol, place = 17, 6
                segment = struct.pack("!HHHH", 5000 + flow, 9, 40, 0) + b"q" * 32
            else:
                protocol, place = 1, 2
                segment = struct.pack("!BBHHH", 8, 0, 0, flow, number & 0xffff) + b"p" * 56
            pseudo = source + target + struct.pack("!HH", protocol, len(segment)) if protocol != 1 else b""
            segment = segment[:place] + struct.pack("!H", checksum(pseudo + segment)) + segment[place + 2:]
            header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), number & 0xffff, 0, 64, protocol, 0,
                                 source, target)
            packet = header[:10] + struct.pack("!H", checksum(header)) + header[12:] + segment
            frame = bytes.fromhex("0200000000020200000000010800") + packet
            file.write(struct.pack("<IIII", 1700000000 + number // 10000, number % 10000 * 100, len(frame), len(frame)))
            file.write(frame)


if __name__ == "__main__":
    # As an exception, so that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if sys.argv[1] == "startup":
        startup(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "captures":
        captures(sys.argv[2], int(sys.argv[3]))
    else:
        rtt(sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
