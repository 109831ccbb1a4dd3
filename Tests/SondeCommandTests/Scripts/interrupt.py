#!/usr/bin/env python3
"""Gives a program one line of input and leaves its input open, waits for its first line of output, sends it SIGINT
and prints its status: negative is the number of the signal that ended it.

usage: interrupt.py LINE PROGRAM [ARGUMENT ...]
"""
import signal
import subprocess
import sys

child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdin.write(sys.argv[1].encode() + b"\n")
child.stdin.flush()
child.stdout.readline()
child.send_signal(signal.SIGINT)
child.stdout.read()
print(child.wait(timeout=20))
