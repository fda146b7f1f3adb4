"""Page times beside slow clients, and without them.

python bench/slow_clients.py 8000      # of a portal that is running on this machine, best with
nothing else on it

Opens 10 CSV downloads read at 20 kB/s, 100 connections that send nothing after one request, and 8
heads and 8 bodies that arrive one byte a second. Prints the median and the slowest time of each
address before and beside them.
"""

import os
import socket
import statistics
import sys
import threading
import time
import urllib.request
from contextlib import suppress

ADDRESSES = ("/", "/species/", "/tiles/observations/3/4/2.mvt", "/healthz")
TIMES = 12  # each address is loaded, before and beside
LINE = "GET {} HTTP/1.1\r\nHost: localhost\r\n"
DOWNLOAD = LINE.format("/api/v1/observations/?format=csv") + "\r\n"
IDLE = LINE.format("/healthz") + "\r\n"
SLOW_HEAD = LINE.format("/") + "X-Slow: "
SLOW_BODY = (
    "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
)


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    before = {address: seconds(port, address) for address in ADDRESSES}
    ended = threading.Event()
    downloads = [connect(port, DOWNLOAD) for _ in range(10)]
    drips = [connect(port, words) for words in (SLOW_HEAD, SLOW_BODY) for _ in range(8)]
    idle = [connect(port, IDLE) for _ in range(100)]
    threading.Thread(target=keep_slow, args=(downloads, drips, ended)).start()
    try:
        time.sleep(2)
        beside = {address: seconds(port, address) for address in ADDRESSES}
    finally:
        ended.set()
    for client in (*downloads, *drips, *idle):
        client.close()
    print(f"load average {os.getloadavg()[0]:.1f}; median / slowest of {TIMES}, in milliseconds")
    for address in ADDRESSES:
        alone, slow = (statistics.median(times[address]) for times in (before, beside))
        quiet = f"{alone:6.0f} /{max(before[address]):6.0f}"
        busy = f"{slow:6.0f} /{max(beside[address]):6.0f}"
        print(f"{address:32}{quiet}  beside slow clients {busy}  x {slow / alone:.1f}")


def connect(port: int, words: str) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.connect(("127.0.0.1", port))
    client.sendall(words.encode())
    client.setblocking(False)
    return client


def keep_slow(
    downloads: list[socket.socket], drips: list[socket.socket], ended: threading.Event
) -> None:
    """Read 20 kB/s of each download, and send a byte a second on each other connection."""
    tick = 0
    while not ended.wait(0.2):
        for client in downloads:
            with suppress(OSError):
                client.recv(4_000)
        tick += 1
        for client in drips if tick % 5 == 0 else []:
            with suppress(OSError):  # the server has given up on it
                client.send(b"a")


def seconds(port: int, address: str) -> list[float]:
    """Return how long each load took, in milliseconds, except the first one, which fills caches."""
    times = []
    for _ in range(TIMES + 1):
        begun = time.perf_counter()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{address}", timeout=60) as answer:
            answer.read()
        times.append((time.perf_counter() - begun) * 1_000)
    return times[1:]


if __name__ == "__main__":
    main()
