"""Types on a terminal of its own: typist.py COMMAND… with lines of "SECONDS KEYS" or "SECONDS signal N" on standard
input. Prints what the terminal showed, then how it was left, then the status."""
import ast
import os
import pty
import select
import signal
import sys
import termios
import time

steps = []
for line in sys.stdin:
    when, what = line.rstrip("\n").split(" ", 1)
    steps.append((float(when), int(what.split()[1]) if what.startswith("signal ") else ast.literal_eval(what).encode()))

# The terminal's own side stays open here, so that its mode can be asked for after the program has ended.
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    os.close(master)
    import fcntl

    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(slave, number)
    os.execvp(sys.argv[1], sys.argv[1:])

shown, start, status, modes = b"", time.time(), None, []
while time.time() - start < 40:
    if select.select([master], [], [], 0.05)[0]:
        shown += os.read(master, 65536)
    while steps and time.time() - start > steps[0][0]:
        _, what = steps.pop(0)
        if isinstance(what, int):
            os.kill(child, what)
        else:
            os.write(master, what)
    if status is None:
        ended, state = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if ended and os.WIFSTOPPED(state):
            modes.append(termios.tcgetattr(slave)[3] == before[3])
        elif ended:
            status = os.waitstatus_to_exitcode(state)
    elif not select.select([master], [], [], 0)[0]:
        break
if status is None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print(shown.decode(errors="replace"))
print("stopped with the terminal as it was:", modes)
print("left as it was:", termios.tcgetattr(slave) == before)
print("status", status)
