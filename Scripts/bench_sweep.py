"""Sweeps by sonde and by other programs, in turn in one run, on the same work: for Scripts/bench.

Every program has one core, and the same one; on a veth pair the far host's work and the receipt of its answers are done
there too. What a program found is read from its own output, and held against what there is.
"""
import collections
import os
import re
import shutil
import signal
import statistics
import sys
import tempfile

import bench_flood
import bench_pace
from bench_net import HOST, HOSTS, OPEN, Pair, measured, show

# No program is given more: at times masscan's threads wait for each other for ever.
LIMIT = 10
PORTS = 65_535
Tool = collections.namedtuple("Tool", "command found")


def text(pattern, group=1):
    """What reads a number that stands once in an output."""
    def read(output):
        match = re.search(pattern, output)
        return int(match[group]) if match else 0
    return read


def lines(pattern):
    """What counts the different things that lines of an output name."""
    return lambda output: len(set(re.findall(pattern, output, re.MULTILINE)))


def sonde(verdict):
    """The summary's count of a verdict, as it stands in JSON or in words."""
    word = re.escape(verdict)
    def read(output):
        match = re.search(rf'"{word}":(\d+)[^\n]*$', output.rstrip()) or re.search(
            rf"^[\d,]+ (?:ports?|hosts?): (?:.*, )?([\d,]+) {word}(?:[,;]|$)", output, re.MULTILINE)
        return int(match[1].replace(",", "")) if match else 0
    return read


ip = r"\d+\.\d+\.\d+\.\d+"


def works(binary, mac, empty, core):
    """Each work's title, what there is to be found, which program is the measure, and the programs."""
    masscan = ["masscan", "--rate", "1000000", "--wait", "1", "--router-mac", mac, "--interface", "near0", "-oL", "-"]
    zmap = ["zmap", "-q", "-i", "near0", "-G", mac, "-b", empty, "--cooldown-time", "1", "-r", "0", "-o", "-"]
    # Else its threads take cores of their own choice.
    zmap += ["--cores", str(core)]
    sweep = [binary, "sweep", "--rate", "0"]
    every = f"1-{PORTS}"
    sonde_ports = {"open": sonde("open"), "closed": sonde("closed")}
    sonde_echo = {"alive": sonde("reply")}
    nping = {"answers": text(r"Rcvd: (\d+)")}
    open_ports = lines(r"^open tcp (\d+)")
    there = {"open": len(OPEN), "closed": PORTS - len(OPEN), "answers": PORTS}
    yield "tcp", f"{PORTS} TCP ports of one host", there, [
        Tool(["nmap", "-sS", "-n", "-Pn", "-p-", HOST],
             {"open": lines(r"^(\d+)/tcp +open"), "closed": text(r"Not shown: (\d+) closed")}),
        Tool([*sweep, "-p-", HOST], sonde_ports),
        Tool([*sweep, "-p-", "--json", HOST], sonde_ports),
        Tool([binary, "probe", "-p-", "--rate", "1000000", HOST], sonde_ports),
        Tool(["hping3", "--scan", every, "-S", HOST], {"open": lines(r"^ *(\d+) [^\n]*: \.S\.\.A")}),
        Tool(["nping", "--tcp", "--flags", "syn", "-p", every, "--rate", "1000000", "-c", "1", "-q", HOST], nping),
        Tool([*masscan, f"-p{every}", HOST], {"open": open_ports}),
    ]
    there = {"closed": PORTS, "answers": PORTS}
    yield "udp", f"{PORTS} UDP ports of one host, its unreachables without limit", there, [
        Tool(["nmap", "-sU", "-n", "-Pn", "-p-", HOST], {"closed": text(r"Not shown: (\d+) closed")}),
        Tool([*sweep, "--udp", "-p-", HOST], {"closed": sonde("closed")}),
        Tool([*sweep, "--udp", "-p-", "--json", HOST], {"closed": sonde("closed")}),
        Tool(["nping", "--udp", "-p", every, "--rate", "1000000", "-c", "1", "-q", HOST], nping),
        Tool([*masscan, f"-pU:{every}", HOST], {"closed": lambda _: 0}),
    ]
    yield "echo", "ICMP echo to 65536 hosts, all alive", {"alive": 65_536}, [
        # It leaves out the first and the last address.
        Tool(["fping", "-a", "-q", "-i", "0", "-r", "0", "-g", HOSTS], {
             "alive": lambda output: lines(rf"^({ip})$")(output) + 2}),
        Tool([*sweep, "--icmp", HOSTS], sonde_echo),
        Tool([*sweep, "--icmp", "--json", HOSTS], sonde_echo),
        Tool([*zmap, "-M", "icmp_echoscan", HOSTS], {"alive": lines(rf"^({ip})$")}),
        Tool([*masscan, "--ping", HOSTS], {"alive": lines(rf"^open icmp 0 ({ip})")}),
        Tool(["nmap", "-sn", "-PE", "-n", HOSTS, "-oG", "-"], {"alive": lines(rf"^Host: ({ip}) .*Up")}),
    ]
    yield "syn", "SYN to one open port of 65536 hosts", {"open": 65_536}, [
        Tool([*zmap, "-M", "tcp_synscan", "-p", "80", HOSTS], {"open": lines(rf"^({ip})$")}),
        Tool([*sweep, "-p", "80", "--cooldown", "1", HOSTS], {"open": sonde("open")}),
        Tool([*sweep, "-p", "80", "--cooldown", "1", "--json", HOSTS], {"open": sonde("open")}),
        Tool([*masscan, "-p80", HOSTS], {"open": lines(rf"^open tcp 80 ({ip})")}),
    ]


def spread(values, width=6, digits=2):
    least, most = f"{min(values):{width}.{digits}f}", f"{max(values):<{width}.{digits}f}"
    return f"{statistics.median(values):{width}.{digits}f} {least}-{most}"


def sweep(title, there, tools, runs, core):
    """Runs the programs in turn, and prints a line each, with the first as the measure."""
    print(f"\n{title}: {runs} runs, in turn; seconds: median, least-most")
    print(" seconds               ratio  processor     MiB  missed, of each run that missed any")
    absent = [tool.command[0] for tool in tools if not shutil.which(tool.command[0])]
    tools = [tool for tool in tools if shutil.which(tool.command[0])]
    results = [[] for _ in tools]
    for _ in range(runs):
        for tool, found in zip(tools, results):
            # One that had to be ended is not waited for again.
            if not found or not found[-1].is_cut:
                found.append(measured(tool.command, core, LIMIT))
    base = None
    for tool, found in zip(tools, results):
        median = statistics.median(run.seconds for run in found)
        base = base or median
        missed = []
        for run in found:
            short = {what: there[what] - read(run.output) for what, read in tool.found.items()}
            wrong = [f"{count} {what}" for what, count in short.items() if count]
            if run.is_cut:
                wrong.append("cut")
            if wrong:
                missed.append(" + ".join(wrong))
        memory = [run.memory for run in found if run.memory is not None]
        print(f"{spread([run.seconds for run in found])}{median / base:8.2f}"
              f"{statistics.median(run.processor for run in found):11.2f}"
              f"{f'{statistics.median(memory):8.1f}' if memory else '       -'}  {'; '.join(missed) or 'none'}"
              f"\n    {show(tool.command)}", flush=True)
    for name in sorted(set(absent)):
        print(f"    {name} is not installed: left out")


def main(binary, runs, wanted):
    # trafgen takes the first one whatever it is told, so all do.
    core = min(os.sched_getaffinity(0))
    print(f"\nsweeps: two namespaces and a veth pair; each program on core {core} alone, its target's work included")
    print(f"(nice -n -20 taskset -c {core} COMMAND); cut: ended after {LIMIT} seconds, and not run again")
    with Pair() as pair, tempfile.NamedTemporaryFile() as empty:
        for name, title, there, tools in works(binary, pair.mac, empty.name, core):
            if not wanted or name in wanted:
                sweep(title, there, tools, runs, core)
        if not wanted or "flood" in wanted:
            bench_flood.flood(pair, binary, runs, core)
        if not wanted or "memory" in wanted:
            bench_flood.memory(pair, binary, core)
        if not wanted or "pace" in wanted:
            bench_pace.pace(pair, binary, core)


if __name__ == "__main__":
    # As an exception, so that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
