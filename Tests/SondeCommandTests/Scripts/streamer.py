"""A TCP peer: takes one connection, sends and receives at once, and says what passed.

usage: streamer.py ADDRESS PORT OCTETS SEED

It prints "listening"; in the end, how many octets came, the SHA-256 of what came, and that of what it sent.
"""

import hashlib
import random
import socket
import sys
import threading

address, port, octets, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
own = random.Random(seed).randbytes(octets)
family = socket.AF_INET6 if ":" in address else socket.AF_INET
with socket.create_server((address, port), family=family) as server:
    print("listening", flush=True)
    connection, _ = server.accept()


def push():
    connection.sendall(own)
    connection.shutdown(socket.SHUT_WR)


pusher = threading.Thread(target=push)
pusher.start()
count, came = 0, hashlib.sha256()
while piece := connection.recv(1 << 16):
    came.update(piece)
    count += len(piece)
pusher.join()
connection.close()
print(count, came.hexdigest(), hashlib.sha256(own).hexdigest(), flush=True)
