"""A peer of sonde talk by this machine's own TCP: talkpeer.py PORT WHAT [LOG]."""
import hashlib
import socket
import sys
import threading
import time

port, what = int(sys.argv[1]), sys.argv[2]


def tell(line):
    print(line, flush=True)


def echo(peer):
    while data := peer.recv(65536):
        peer.sendall(data)
    peer.close()


def both(peer):
    """Takes all there is, while it sends ten megabytes of its own; tells the digests of both."""
    sent = bytes(range(256)) * 40960

    def send():
        peer.sendall(sent)
        peer.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    digest, count = hashlib.sha256(), 0
    while data := peer.recv(65536):
        digest.update(data)
        count += len(data)
    sender.join()
    peer.close()
    tell(f"took {count} {digest.hexdigest()} sent {hashlib.sha256(sent).hexdigest()}")


def urgent(peer):
    peer.settimeout(20)
    while True:
        try:
            octet = peer.recv(1, socket.MSG_OOB)
            break
        except OSError:
            time.sleep(0.02)
    tell(f"urgent {octet!r} rest {peer.recv(100)!r}")
    peer.send(b"ab!", socket.MSG_OOB)
    peer.recv(100)
    peer.close()


def much(peer):
    peer.sendall(b"y" * 40000)
    peer.shutdown(socket.SHUT_WR)
    tell(f"end {peer.recv(100)!r}")
    peer.close()


def late(peer):
    """The welcome and the answer of a server, and data after the other side has ended its own."""
    peer.sendall(b"w" * 36)
    request = peer.recv(100)
    peer.sendall(b"a" * 8)
    end = peer.recv(100)
    peer.sendall(b"l" * 14)
    peer.close()
    tell(f"request {request!r} end {end!r}")


def silent(peer):
    try:
        while peer.recv(65536):
            pass
        tell("end")
    except ConnectionResetError:
        tell("reset")


def reset(peer):
    peer.recv(100)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()


if what == "client":
    # Speaks to a listening sonde: talkpeer.py PORT client ADDRESS.
    peer = socket.create_connection((sys.argv[3], port), timeout=20)
    welcome = peer.recv(100)
    peer.sendall(b"query!")
    answer = b""
    while data := peer.recv(100):
        answer += data
    peer.close()
    tell(f"welcome {welcome!r} answer {answer!r}")
    sys.exit()

if what == "datagrams":
    listener = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    listener.bind(("::", port))
    tell("ready")
    while True:
        data, peer = listener.recvfrom(65536)
        listener.sendto(data, peer)

listener = socket.socket(socket.AF_INET6)
listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("::", port))
listener.listen(16)
tell("ready")
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=globals()[what], args=(accepted,), daemon=True).start()
