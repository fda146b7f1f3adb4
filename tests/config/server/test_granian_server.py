"""The server of `make run` and of the containers under slow, silent and vanishing clients."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests import factories

ROOT = Path(__file__).resolve().parents[3]
DOWNLOAD = "/api/v1/observations/?format=csv"
# in each record, so that a file does not fit into the buffers between server and client
LONG = "x" * 20_000


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


FIRST_REQUESTS = """
import sys
from django.test import Client
from config.server.granian_server import load_application
load_application()
before = set(sys.modules)
for address in ("/", "/observations/", "/api/v1/observations/", "/tiles/observations/0/0/0.mvt",
                "/ogc/", "/api/v1/auth/csrf/", "/accounts/login/", "/nowhere/"):
    Client(HTTP_HOST="localhost").get(address)
ours = ("config.", "species.", "users.")
print(*sorted(name for name in set(sys.modules) - before if name.startswith(ours)))
"""


def server_environment(folder: Path) -> dict[str, str]:
    url = "postgis://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    return os.environ | {
        **{"DATABASE_URL": url, "PORTAL_PROFILE": "private", "DEBUG": "true"},
        **{"SECRET_KEY": "k" * 50, "LANE_FOLDER": str(folder / "lanes"), "DOWNLOADS_AT_ONCE": "2"},
    }


class Server:
    """config.server with one worker and two places for downloads, on the tests' database."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.port, self.log = free_port(), folder / "server.log"
        words = [sys.executable, "-m", "config.server", "--port", str(self.port), "--workers", "1"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=server_environment(folder) | variables, stdout=log, stderr=log
            )
        self.wait_for(lambda: self.status("/healthz") == 200, 60)

    def wait_for(self, happens, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if happens():
                    return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def status(self, address: str, seconds: float = 20) -> int:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{address}", timeout=seconds
            ) as answer:
                answer.read(100)
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def connect(self, words: str = "") -> socket.socket:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", self.port))
        client.settimeout(20)
        client.sendall(words.encode())
        return client

    def begin_download(self) -> tuple[socket.socket, bytes]:
        """Read the first bytes of a file, and no more for now."""
        client = self.connect(f"GET {DOWNLOAD} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client, client.recv(12)

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()


@pytest.mark.django_db
def test_the_first_requests_of_a_worker_import_no_module_of_the_portal(tmp_path):
    command = [sys.executable, "-c", FIRST_REQUESTS]
    environment = server_environment(tmp_path)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


@pytest.fixture
def server(transactional_db, tmp_path):
    dataset, taxon = factories.dataset(), factories.taxon()
    for _ in range(400):
        factories.observation(dataset=dataset, taxon=taxon, locality=LONG)
    running = Server(tmp_path)
    yield running
    running.stop()


@pytest.mark.long
def test_slow_clients_keep_nobody_else_waiting_and_leave_their_places_when_they_go(server):
    silent = [server.connect() for _ in range(50)]
    idle = [server.connect("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(50)]
    heads = [server.connect("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ") for _ in range(8)]
    post = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
    bodies = [
        server.connect(f"{post}Content-Type: application/x-www-form-urlencoded\r\n\r\na")
        for _ in range(60)
    ]
    downloads = [server.begin_download() for _ in range(2)]
    assert [begun for _, begun in downloads] == [b"HTTP/1.1 200"] * 2
    for client in heads + bodies:
        with contextlib.suppress(OSError):  # refused already: too many bodies
            client.sendall(b"a")

    assert server.status(DOWNLOAD) == 503
    assert [server.status(address) for address in ("/healthz", "/readyz", "/", "/data/rules/")] == [
        200
    ] * 4
    begun = time.monotonic()
    assert server.status("/healthz") == 200
    assert time.monotonic() - begun < 1

    for client, _ in downloads:
        client.close()
    server.wait_for(lambda: server.status(DOWNLOAD) == 200, 20)
    for client in silent + idle + heads + bodies:
        client.close()


@pytest.mark.long
def test_a_stop_waits_for_nobody_for_ever_and_a_killed_worker_is_replaced(server):
    workers = (
        Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    )
    os.kill(int(workers[-1]), 9)
    server.wait_for(lambda: server.status("/healthz") == 200, 30)
    stalled, begun = server.begin_download()
    assert begun == b"HTTP/1.1 200"
    assert server.stop() == 0
    stalled.close()


@pytest.mark.django_db(transaction=True)
def test_an_address_of_8190_bytes_is_read_and_a_longer_one_is_refused_with_a_reason(tmp_path):
    server = Server(tmp_path)
    try:
        for path, kind in (
            ("/observations/", "text/html"),
            ("/api/v1/observations/", "application/problem+json"),
        ):
            assert server.status(f"{path}?q={'a' * (8_190 - len(path) - 3)}") == 400
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(
                    f"http://127.0.0.1:{server.port}{path}?q={'a' * 8_190}", timeout=20
                )
            assert refused.value.code == 414
            assert refused.value.headers["Content-Type"].startswith(kind)
        odd = server.connect(
            "GET /healthz?q HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain; x*=y'z\r\n\r\n"
        )
        assert odd.recv(12) == b"HTTP/1.1 200"
    finally:
        server.stop()


TOKEN = "a" * 32
LOG_IN = f"csrfmiddlewaretoken={TOKEN}&login=ada@example.org&password=not+hers"
HEAD = "\r\n".join(
    [
        *(
            "POST /accounts/login/ HTTP/1.1",
            "Host: localhost",
            f"Cookie: csrftoken={TOKEN}",
            "Connection: close",
        ),
        *("Content-Type: application/x-www-form-urlencoded", ""),
    ]
)


@pytest.mark.django_db(transaction=True)
def test_one_logs_in_beside_dripping_bodies_and_a_body_in_chunks_is_read(tmp_path):
    server = Server(tmp_path)
    try:
        drips = [
            server.connect(f"{HEAD}Content-Length: {size}\r\n\r\n{{")
            for size in [900, 900_000] * 20
        ]
        for client in drips:
            client.sendall(b" ")
        whole = server.connect(f"{HEAD}Content-Length: {len(LOG_IN)}\r\n\r\n{LOG_IN}")
        chunks = server.connect(
            f"{HEAD}Transfer-Encoding: chunked\r\n\r\n{len(LOG_IN):x}\r\n{LOG_IN}\r\n0\r\n\r\n"
        )
        # 403 without the body
        assert [client.recv(12) for client in (whole, chunks)] == [b"HTTP/1.1 200"] * 2
        for client in drips:
            client.close()
    finally:
        server.stop()


def waiting_queries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/observations/?evidence=dna", DOWNLOAD])
def test_the_query_of_a_client_that_left_is_cancelled_and_no_other_one(tmp_path, address):
    factories.observation()
    server = Server(tmp_path, STATEMENT_TIMEOUT_MS="60000")
    request = f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    pipelined = (
        f"GET /observations/?evidence=dna&depth=0,5 HTTP/1.1\r\nHost: localhost\r\n\r\n{request}"
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE species_curatedobservation IN ACCESS EXCLUSIVE MODE")
            leaving, staying = server.connect(request), server.connect(pipelined)
            server.wait_for(lambda: waiting_queries() == 2, 20)
            leaving.close()
            server.connect(request).close()  # in a hurry
            time.sleep(2)  # longer than the server pauses between attempts to cancel
            server.wait_for(lambda: waiting_queries() == 1, 10)
        assert staying.recv(12) == b"HTTP/1.1 200"
        # the place in the lane is free, and so is the connection
        assert server.status(address) == 200
    finally:
        server.stop()
