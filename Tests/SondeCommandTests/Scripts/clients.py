"""Clients of a server under test; each prints one line for the test to read.

usage: clients.py WHAT HOST PORT [MORE]

WHAT is one of
  once TEXT        sends TEXT, half-closes, prints all that comes, as Python writes it
  polite TEXT...   sends each TEXT once all is acknowledged, reads what it draws, half-closes, reads the rest
  many N SIZE      N connections are open before the first speaks; each gets its own SIZE octets back
  stubborn         sends as much as goes without reading; another client is served meanwhile; then all comes back
  idle SECONDS     opens, says nothing, reads nothing for so long
  ends N           N connections wait for the server to end them, and are told of in the end
  datagram TEXT [SOURCE-PORT [SOURCE]]   one datagram and its answer, or None
"""

import select
import socket
import sys
import time


def connect(host, port):
    return socket.create_connection((host, port), timeout=30)


def everything(stream):
    text = b""
    while True:
        piece = stream.recv(1 << 16)
        if not piece:
            return text
        text += piece


def once(host, port, text):
    with connect(host, port) as stream:
        stream.sendall(text.encode().decode("unicode_escape").encode())
        stream.shutdown(socket.SHUT_WR)
        print(everything(stream))


def polite(host, port, *texts):
    with connect(host, port) as stream:
        stream.settimeout(0.3)
        heard = []
        for text in ("",) + texts + (None,):
            if text is None:
                stream.shutdown(socket.SHUT_WR)
            elif text:
                stream.sendall(text.encode().decode("unicode_escape").encode())
            try:
                heard.append(stream.recv(1 << 16))
            except TimeoutError:
                heard.append(None)
            # Longer than any acknowledgment is put off.
            time.sleep(0.3)
        print(heard)


def pattern(number, size):
    return (b"%06d " % number * (size // 7 + 1))[:size]


def many(host, port, count, size):
    streams = [connect(host, port) for _ in range(int(count))]
    own = {stream: pattern(number, int(size)) for number, stream in enumerate(streams)}
    left, back = dict(own), {stream: b"" for stream in streams}
    for stream in streams:
        stream.setblocking(False)
    deadline = time.time() + 60
    while left or any(len(back[stream]) < len(own[stream]) for stream in streams):
        assert time.time() < deadline, "too slow"
        readable, writable, _ = select.select(streams, list(left), [], 1)
        for stream in readable:
            back[stream] += stream.recv(1 << 16)
        for stream in writable:
            left[stream] = left[stream][stream.send(left[stream]):]
            if not left[stream]:
                del left[stream]
    print(sum(back[stream] == own[stream] for stream in streams))


def stubborn(host, port):
    stream = connect(host, port)
    stream.settimeout(1)
    sent, piece = 0, bytes(range(256)) * 256
    try:
        while sent < 1 << 28:
            sent += stream.send(piece)
    except TimeoutError:
        pass
    with connect(host, port) as other:
        other.sendall(b"and I?")
        assert other.recv(100) == b"and I?"
    stream.settimeout(30)
    stream.shutdown(socket.SHUT_WR)
    back = everything(stream)
    whole = (piece * (sent // len(piece) + 1))[:sent]
    print("stopped" if sent < 1 << 28 else "never stopped", back == whole)


def idle(host, port, seconds):
    with connect(host, port) as stream:
        time.sleep(float(seconds))
        stream.settimeout(0.2)
        try:
            print(stream.recv(1) == b"" and "closed")
        except TimeoutError:
            print("open")
        except ConnectionResetError:
            print("reset")


def ends(host, port, count):
    streams = [connect(host, port) for _ in range(int(count))]
    for stream in streams:
        stream.sendall(b"x")
        assert stream.recv(1) == b"x"
    print("open", flush=True)
    print(sum(everything(stream) == b"" for stream in streams))


def datagram(host, port, text, source_port="0", source=""):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.bind((source, int(source_port)))
        sender.settimeout(1)
        sender.sendto(text.encode(), (host, port))
        try:
            print(sender.recv(1 << 16))
        except TimeoutError:
            print(None)


globals()[sys.argv[1]](sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
