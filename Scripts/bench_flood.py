"""Frames a second into a host that drops early, and memory there, for Scripts/bench."""
import shutil
import statistics
import tempfile
import time

from bench_net import FAR, HOST, HOSTS, MANY, NEAR, end, measured, sent_packets, sh, show, start

# A second, after the program has begun to send.
SECONDS = 1.0


def programs(binary, mac, packet, empty, core):
    """The commands, the measure first; each would go on for longer than it is watched."""
    sweep = [binary, "sweep", "-q", "--rate", "0", "-p", "1-1000", HOSTS]
    return [
        ["trafgen", "--in", packet, "--out", "near0", "-q", "--cpus", "1"],
        *([*sweep, "--door", door] for door in ("auto", "packet", "raw", "xdp")),
        ["hping3", "--flood", "-q", "-S", "-p", "80", HOST],
        ["zmap", "-q", "-i", "near0", "-G", mac, "-b", empty, "-r", "0", "-p", "80", "-P", "100", "-o", "-",
         "--cores", str(core), HOSTS],
        ["masscan", "--rate", "10000000", "--router-mac", mac, "--interface", "near0", "-p1-1000", "-oL", "-", HOSTS],
        ["mausezahn", "near0", "-q", "-c", "0", "-t", "tcp", "dp=80,flags=syn", "-A", NEAR, "-B", HOST, "-b", mac],
        ["nping", "--tcp", "--flags", "syn", "-p", "1-1000", "--rate", "1000000", "-c", "1000", "-q", "-H", HOST],
        ["nmap", "-sS", "-n", "-Pn", "-p", "1-1000", "--min-rate", "1000000", "--max-retries", "0", HOSTS],
    ]


def rate(command, core):
    """Frames a second that reached the far end, in a second after the first thousand; None if it sent too few."""
    with tempfile.TemporaryFile() as output:
        first = sent_packets()
        process = start(command, core, output)
        try:
            limit = time.monotonic() + 5
            while sent_packets() < first + 1000:
                if process.poll() is not None or time.monotonic() > limit:
                    return None
                time.sleep(0.002)
            began, before = time.monotonic(), sent_packets()
            time.sleep(SECONDS)
            count, ended = sent_packets() - before, time.monotonic()
            return count / (ended - began) if process.poll() is None else None
        finally:
            end(process)


def flood(pair, binary, runs, core):
    print(f"\nframes a second into a host that drops them early: {runs} runs, in turn; thousands: median, least-most")
    print("thousands               ratio")
    frame = [f"eth(da={pair.mac}, sa=02:00:00:00:00:01),", f"ipv4(sa={NEAR}, da={HOST}, ttl=64),",
             "tcp(sp=40000, dp=80, seq=1, syn, win=1024)"]
    pair.sink(True)
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as packet, tempfile.NamedTemporaryFile() as empty:
        packet.write("{\n" + "\n".join(frame) + "\n}\n")
        packet.flush()
        commands = programs(binary, pair.mac, packet.name, empty.name, core)
        absent = {command[0] for command in commands if not shutil.which(command[0])}
        commands = [command for command in commands if command[0] not in absent]
        rates = [[] for _ in commands]
        for _ in range(runs):
            for command, found in zip(commands, rates):
                found.append(rate(command, core))
        base = None
        for command, found in zip(commands, rates):
            line = show(command)
            found = [value / 1000 for value in found if value is not None]
            if not found:
                print(f"       -  no second of sending\n    {line}")
                continue
            median = statistics.median(found)
            base = base or median
            print(f"{median:8.0f} {min(found):6.0f}-{max(found):<6.0f}{median / base:8.2f}\n    {line}", flush=True)
        for name in sorted(absent):
            print(f"    {name} is not installed: left out")
    pair.sink(False)


def memory(pair, binary, core):
    """The peak of a sweep of 2^16 addresses and of one of 2^24, none of which answers."""
    print("\nmemory of a sweep by the number of addresses, into a host that drops them early: peak MiB, seconds")
    pair.sink(True)
    sh(f"ip route add {MANY} via {FAR}")
    for hosts in (HOSTS, MANY):
        command = [binary, "sweep", "-q", "--rate", "0", "-p", "80", "--cooldown", "1", hosts]
        before = sent_packets()
        run = measured(command, core, 200)
        line = show(command)
        print(f"{run.memory or 0:8.1f}{run.seconds:8.2f}  {sent_packets() - before} frames"
              f"{', cut' if run.is_cut else ''}\n    {line}", flush=True)
    sh(f"ip route del {MANY} via {FAR}")
    pair.sink(False)
