"""Rates of whole requests through granian, beside an empty view and one with `select 1`.

For `bench/atlas.py`. The last line is JSON: request -> [a second, share, of which rate].
"""

import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

SECONDS, CLIENTS, WORKERS = 5, 4, 2
START_SECONDS = 120  # on a busy machine
MANY = "1000000000"  # so that nothing is throttled
THROTTLES = (
    *(
        "TILES_A_MINUTE",
        "READS_A_MINUTE",
        "QUESTIONS_A_MINUTE",
        "PAGES_A_MINUTE",
        "FEATURES_A_MINUTE",
    ),
    "EXPORTS_AN_HOUR",
)
TILE = "/tiles/observations/4/8/5.mvt"
# A public list, and the same rows as Django REST framework lists them with the serializer alone.
LISTS = {
    "observations": ("/api/v1/observations/?limit=1000", "/bench/observations/"),
    "items of the OGC API": (
        "/ogc/collections/observations/items?limit=1000&f=json",
        "/bench/observations/",
    ),
    "observations as CSV": ("/api/v1/observations/?limit=1000&format=csv", "/bench/observations/"),
    "datasets": ("/api/v1/datasets/?limit=1000", "/bench/datasets/"),
    "taxa": ("/api/v1/taxa/?limit=1000", "/bench/taxa/"),
}
BENCH = Path(__file__).resolve().parent
SERVER = (
    *(
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--workers",
        str(WORKERS),
        "--working-dir",
        str(BENCH),
    ),
    *("--blocking-threads", "4", "--http", "1", "--log-level", "error"),
    # one that was stopped while it started stays for ever
    *("--workers-kill-timeout", "10", "served:application"),
)


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | dict.fromkeys(THROTTLES, MANY)
    with subprocess.Popen([*SERVER, "--port", str(port)], env=environment) as server:
        try:
            wait_for(port)
            etag = ask(HTTPConnection("127.0.0.1", port), TILE).getheader("ETag")
            empty, one = rate(port, "/bench/empty/"), rate(port, "/bench/one/")
            uncached, unchanged = rate(port, TILE), rate(port, TILE, {"If-None-Match": etag})
            plain = {
                path: rate(port, path) for path in sorted({path for _, path in LISTS.values()})
            }
            lists = {
                name: (rate(port, path), plain[other]) for name, (path, other) in LISTS.items()
            }
        finally:
            server.terminate()
    print(json.dumps({
        "request of an empty view": [empty, 1, ""],
        "request of a view that does select 1": [one, 1, ""],
        "request of a z4 tile, uncached": [uncached, uncached / one, "select 1"],
        "request of a tile answered 304": [unchanged, unchanged / empty, "the empty view"],
        **{
            f"request of 1,000 {name}": [ours, ours / theirs, f"the plain serializer ({theirs:,.1f})"]
            for name, (ours, theirs) in lists.items()
        },
    }))  # fmt: skip


def wait_for(port: int) -> None:
    for _ in range(START_SECONDS * 5):
        try:
            ask(HTTPConnection("127.0.0.1", port), "/bench/empty/")
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("granian did not start.")


def ask(connection: HTTPConnection, path: str, headers: dict | None = None):
    connection.request(
        "GET", path, headers={"Host": "localhost", "Accept-Encoding": "gzip", **(headers or {})}
    )
    response = connection.getresponse()
    response.read()
    if response.status not in (200, 304):
        raise SystemExit(f"{path} answered {response.status}.")
    return response


def rate(port: int, path: str, headers: dict | None = None) -> float:
    """Return the requests a second of several concurrent clients."""
    started = time.perf_counter()

    def client(_: int) -> int:
        number = 0
        while time.perf_counter() - started < SECONDS:
            ask(HTTPConnection("127.0.0.1", port), path, headers)
            number += 1
        return number

    with ThreadPoolExecutor(CLIENTS) as clients:
        number = sum(clients.map(client, range(CLIENTS)))
    return number / (time.perf_counter() - started)  # slow ones end later than SECONDS


if __name__ == "__main__":
    main()
