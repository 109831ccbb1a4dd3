#!/usr/bin/env python3
"""Reads JSON Lines from standard input, fails on the first that is none, and holds each object to the
documented keys of its type. Prints how many objects of each type there were."""
import collections
import json
import re
import sys

KEYS = {
    "sent": {"probe": int, "time": str, "at_ns": int, "recipe": str, "bytes": str, "door": str},
    "answer": {
        "probe": int, "verdict": str, "by": str, "from": (str, type(None)), "rtt_ns": (int, type(None)),
        "rtt_clock": str, "flags": list, "why": str, "icmp": (dict, type(None)),
        "recipe": (str, type(None)),
    },
    "silence": {"probe": int, "verdict": str},
    "noise": {"probe": (int, type(None)), "from": (str, type(None)), "why": str},
    "error": {"line": int, "column": int, "message": str},
    "error of a file": {"file": str, "message": str},
    "summary": {
        "sent": int, "send_failed": int, "answered": int, "silent": int, "duplicates": int, "late": int,
        "noise": int, "errors": int, "own_drops": int, "rtt_ns": (dict, type(None)),
    },
    "checksum": {"line": int, "layer": str, "value": str},
    "checksum of a layer": {
        "layer": str, "offset": int, "found": (str, type(None)), "expected": (str, type(None)), "verdict": str,
        "why": (str, type(None)),
    },
    "mtu": {
        "mtu": (int, type(None)), "limited_by": (str, type(None)), "evidence": str, "why": str, "notes": list,
        "host": str, "interface": str,
    },
    "door": {"door": str, "family": (str, type(None)), "open": bool, "why": str, "fix": str},
}
ICMP = {
    "type": int, "code": int, "name": str, "mtu": (int, type(None)), "pointer": (int, type(None)),
    "quoted": (str, type(None)), "extensions": list,
}
PERCENTILES = {"min", "p50", "p90", "p99", "max", "mean", "mdev"}


def no_repeats(pairs):
    names = [name for name, _ in pairs]
    assert len(names) == len(set(names)), f"a key comes twice: {names}"
    return dict(pairs)


def check(shape, value, line):
    for key, kind in shape.items():
        assert key in value, f"no {key} in {line}"
        assert isinstance(value[key], kind), f"{key} is {value[key]!r} in {line}"


counts = collections.Counter()
last = None
for line in sys.stdin:
    assert line.endswith("\n")
    value = json.loads(line, object_pairs_hook=no_repeats)
    kind = value["type"]
    counts[kind] += 1
    form = {"file": " of a file"} if kind == "error" else {"offset": " of a layer"} if kind == "checksum" else {}
    check(KEYS[kind + "".join(name for key, name in form.items() if key in value)], value, line)
    for key in value:
        assert re.fullmatch("[a-z0-9_]+", key), key
    # What the verb knows of its targets, where it has any.
    assert isinstance(value.get("host", ""), str), line
    if "time" in value:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", value["time"]), line
    if "bytes" in value:
        assert bytes.fromhex(value["bytes"]).hex() == value["bytes"], line
    if kind == "answer" and value["icmp"] is not None:
        check(ICMP, value["icmp"], line)
    if kind == "summary":
        assert value["sent"] == value["answered"] + value["silent"] + value["send_failed"], line
        assert value["rtt_ns"] is None or set(value["rtt_ns"]) == PERCENTILES, line
        last = value
    elif kind != "error":
        assert last is None, "the summary is not the last line"
print(" ".join(f"{kind}={count}" for kind, count in sorted(counts.items())))
