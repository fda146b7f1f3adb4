"""`make run` from end to end: demonstration data at the first start, whole again after a kill,
nothing left behind.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.db import connection

pytestmark = pytest.mark.host
ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".local", "staticfiles", "tests", "__pycache__", ".*_cache"
)
CTRL_C = "Press Ctrl-C to stop"


def free_port() -> int:
    """A port that stays free until `make run` takes it: none of those that the kernel gives to the
    other tests.
    """
    for port in random.sample(range(20_000, 30_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("None of a hundred ports is free.")


class Run:
    """One `make run` in a terminal's process group of its own."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.port, self.log = free_port(), folder / "run.log"
        known = {name: value for name, value in os.environ.items() if name not in PRIVATE_VARIABLES}
        with self.log.open("w") as log:
            self.make = subprocess.Popen(
                ["make", "run", f"PORT={self.port}", f"PYTHON={sys.executable}"],
                cwd=folder, env=known | variables,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def wait_until_served(self, seconds: int) -> str:
        deadline = time.monotonic() + seconds
        while (
            CTRL_C not in self.said() and self.make.poll() is None and time.monotonic() < deadline
        ):
            time.sleep(0.2)
        assert CTRL_C in self.said(), self.said()
        return self.said()

    def wait_for(self, happens, seconds: int) -> None:
        deadline = time.monotonic() + seconds
        while not happens() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert happens(), self.said()

    def said(self) -> str:
        return self.log.read_text()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(
                f"http://localhost:{self.port}{path}", timeout=60
            ) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def press_ctrl_c(self) -> None:
        os.killpg(self.make.pid, signal.SIGINT)
        self.make.wait(60)


PRIVATE_VARIABLES = {
    "DATABASE_URL",
    "SECRET_KEY",
    "PORTAL_PROFILE",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "PORT",
}


def processes_of(folder: Path) -> list[str]:
    """What still runs for a checkout: its cluster, its server, its commands."""
    running = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            running.append(file.read_text(errors="replace").replace("\0", " "))
    return [words for words in running if str(folder) in words]


def postmaster_of(folder: Path) -> int:
    return int((folder / ".local" / "cluster" / "data" / "postmaster.pid").read_text().split()[0])


@pytest.fixture
def checkout():
    """A copy of the checkout that shares our virtual environment, as if its set-up had just
    installed it.
    """
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "checkout"
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
        (folder / ".venv").symlink_to(Path(sys.prefix))
        (folder / ".local").mkdir()
        stamp = "import json; from config.setup import install; print(json.dumps(install._wanted_stamp(False)))"
        made = subprocess.run(
            [sys.executable, "-c", stamp], cwd=folder, capture_output=True, text=True, check=True
        )
        (folder / ".local" / "installed.json").write_text(json.dumps(json.loads(made.stdout)))
        yield folder
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [sys.executable, "-m", "config.setup.cluster", "drop"],
                cwd=folder, input="marine_tracker\n", text=True, capture_output=True, check=False, timeout=60,
            )  # fmt: skip


@pytest.mark.long
def test_the_portal_is_served_with_demonstration_data_and_survives_a_kill(checkout):
    first = Run(checkout)
    said = first.wait_until_served(600)
    assert "Loading demonstration data" in said
    assert f"http://localhost:{first.port}" in said
    assert "admin@demo.example" in said
    assert (checkout / ".local" / "demo-accounts.txt").stat().st_mode & 0o077 == 0
    assert [first.status(path) for path in ("/", "/data/", "/accounts/login/")] == [200, 200, 200]

    assert (checkout / ".local" / "log").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (checkout / ".local" / "log").iterdir()} == {
        0o600
    }

    # the portal goes on and gets its database back
    os.kill(postmaster_of(checkout), signal.SIGKILL)
    first.wait_for(
        lambda: "PostgreSQL runs again" in first.said() and first.status("/readyz") == 200, 120
    )
    assert first.status("/") == 200

    os.kill(postmaster_of(checkout), signal.SIGKILL)
    os.killpg(first.make.pid, signal.SIGKILL)
    first.make.wait()

    second = Run(checkout)
    said = second.wait_until_served(120)
    assert "Loading demonstration data" not in said
    assert "admin@demo.example" in said
    assert [second.status(path) for path in ("/", "/data/")] == [200, 200]
    second.press_ctrl_c()
    assert "Stopped" in second.said()
    assert processes_of(checkout) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_given_database_is_served_without_a_private_cluster_and_gets_no_demonstration_data(
    checkout,
):
    url = "postgis://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    run = Run(checkout, DATABASE_URL=url)
    said = run.wait_until_served(120)
    assert "no private cluster, no demonstration data" in said
    assert "@demo.example" not in said
    # not the server's 414
    assert [run.status(path) for path in ("/", "/observations/?q=" + "a" * 8_000)] == [200, 400]
    run.press_ctrl_c()
    assert not (checkout / ".local" / "cluster").exists()
    assert processes_of(checkout) == []
