"""The private cluster: made once, open to nobody else, and whole again after whatever killed it."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
import pytest

pytestmark = pytest.mark.host
ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = os.getuid() == 0


class Checkout:
    """A copy of the set-up in a folder of its own, used as a person uses it: by its commands."""

    def __init__(self, folder: Path, user: str | None = None) -> None:
        self.folder, self.user = folder, user
        shutil.copytree(ROOT / "config" / "setup", folder / "config" / "setup")
        (folder / "config" / "__init__.py").touch()
        if user:
            account = pwd.getpwnam(user)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)

    def run(
        self, module: str, *words: str, text: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        # another user cannot enter root's home
        python = "/usr/bin/python3" if self.user else sys.executable
        as_user = (
            {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}
            if self.user
            else {}
        )
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), **variables}
        return subprocess.run(
            [python, "-m", f"config.setup.{module}", *words],
            cwd=self.folder, env=environment, input=text, text=True, capture_output=True, check=False, **as_user,
        )  # fmt: skip

    def start(self) -> str:
        """Start the cluster and return its address."""
        started = self.run("cluster", "start")
        assert started.returncode == 0, started.stderr
        return self.variables()["DATABASE_URL"].replace("postgis://", "postgresql://")

    def variables(self) -> dict[str, str]:
        lines = (self.folder / ".local" / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def data(self) -> Path:
        """The data folder, wherever it stands."""
        words = "from config.setup.cluster import PRIVATE; print(PRIVATE.data)"
        found = subprocess.run(
            [sys.executable, "-c", words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return Path(found.stdout.strip())

    def postmaster(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def drop(self) -> None:
        self.run("cluster", "drop", text="marine_tracker\n")


@contextlib.contextmanager
def open_folder():
    """A folder that every user can walk to."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextlib.contextmanager
def checkout_of(user: str | None):
    with open_folder() as folder:
        made = Checkout(folder / "checkout", user)
        yield made
        made.drop()


@pytest.fixture(scope="module", params=["root", "nobody"] if IS_ROOT else ["me"])
def checkout(request):
    """A checkout of root's and one of an ordinary user's, as far as we can be both here; many tests
    share it.
    """
    with checkout_of("nobody" if request.param == "nobody" else None) as made:
        yield made


@pytest.fixture
def fresh():
    """A checkout in which nothing has run yet."""
    with checkout_of(None) as made:
        yield made


def ask(url: str, question: str):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(question)
        answer = cursor.fetchone() if cursor.description else None
    connection.close()
    return answer


def test_the_cluster_has_postgis_in_every_new_database_and_keeps_its_data_safe(checkout):
    url = checkout.start()
    assert ask(
        url,
        "SELECT postgis_lib_version() IS NOT NULL, rolsuper FROM pg_roles WHERE rolname = current_user",
    ) == (
        True,
        False,
    )
    ask(url, "CREATE DATABASE another")
    assert ask(url.replace("/marine_tracker", "/another"), "SELECT ST_X(ST_Point(1, 2))") == (1.0,)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(url, f"SHOW {setting}") == ("on",)
    assert ask(url, "SHOW timezone") == ("UTC",)


def test_another_user_of_the_machine_has_no_way_in(checkout):
    url = checkout.start()
    assert (checkout.folder / ".local" / "env").stat().st_mode & 0o077 == 0
    assert checkout.data.parent.stat().st_mode & 0o077 == 0
    password = url.split(":")[2].split("@")[0]
    for closed in (url.replace(password, "wrong"), url.replace("portal:", "postgres:")):
        with pytest.raises(
            psycopg2.OperationalError, match=r"password authentication failed|no pg_hba\.conf entry"
        ):
            psycopg2.connect(closed)
    _pid, _data, _start, _port, socket_folder, address = (
        (checkout.data / "postmaster.pid").read_text().split("\n")[:6]
    )
    assert (socket_folder, address) == ("", "127.0.0.1")


def test_a_killed_cluster_comes_back_with_its_data_and_its_keys(checkout):
    url = checkout.start()
    ask(url, "CREATE TABLE kept_key AS SELECT 42 AS answer")
    key = checkout.variables()["SECRET_KEY"]
    os.kill(checkout.postmaster(), signal.SIGKILL)
    assert checkout.start() == url
    assert ask(url, "SELECT answer FROM kept_key") == (42,)
    assert checkout.variables()["SECRET_KEY"] == key


def test_a_stale_pid_file_that_names_a_living_stranger_does_not_stop_the_start(checkout):
    url = checkout.start()
    pid_file = checkout.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    os.kill(checkout.postmaster(), signal.SIGKILL)
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert checkout.start() == url
        assert stranger.poll() is None
        assert ask(url, "SELECT 1") == (1,)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_start_that_was_killed_half_way_is_made_anew(fresh):
    half = fresh.folder / ".local" / "cluster" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    for path in (half.parents[1], half.parent, half):
        shutil.chown(path, "postgres" if IS_ROOT else os.getuid())
    assert ask(fresh.start(), "SELECT 1") == (1,)


def test_a_lost_address_is_made_again_without_losing_data(checkout):
    ask(checkout.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    (checkout.folder / ".local" / "env").unlink()
    assert ask(checkout.start(), "SELECT answer FROM kept") == (42,)


def test_a_second_start_is_quick_to_say_that_it_runs_and_stop_stops_it(checkout):
    url = checkout.start()
    assert "running already" in checkout.run("cluster", "start").stdout
    assert "private cluster is stopped" in checkout.run("cluster", "stop").stdout
    with pytest.raises(psycopg2.OperationalError, match="refused"):
        psycopg2.connect(url)
    assert "private cluster was not running" in checkout.run("cluster", "stop").stdout


def test_dropping_the_data_takes_the_name_of_the_database(fresh):
    url = fresh.start()
    refused = fresh.run("cluster", "drop", text="yes\n")
    assert refused.returncode == 1
    assert "Nothing was deleted" in refused.stderr
    assert ask(url, "SELECT 1") == (1,)
    assert fresh.run("cluster", "drop", text="marine_tracker\n").returncode == 0
    assert not fresh.data.exists()


def test_cleaning_up_never_touches_the_data(fresh):
    url = fresh.start()
    ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    (fresh.folder / ".venv").mkdir()
    assert fresh.run("clean").returncode == 0
    assert not (fresh.folder / ".venv").exists()
    assert ask(url, "SELECT answer FROM kept") == (42,)


def test_a_checkout_below_a_closed_folder_still_gets_its_cluster():
    with open_folder() as folder:
        (folder / "closed").mkdir(mode=0o700)
        checkout = Checkout(folder / "closed" / "checkout")
        url = checkout.start()
        data = checkout.data
        assert data.is_relative_to("/var/lib" if IS_ROOT else folder)
        assert ask(url, "SELECT 1") == (1,)
        checkout.drop()
        assert not data.exists()


def test_a_given_database_leaves_the_private_cluster_alone(fresh):
    said = fresh.run("cluster", "start", DATABASE_URL="postgis://someone@elsewhere/theirs")
    assert said.returncode == 0
    assert "no private cluster is started" in said.stdout
    assert not (fresh.folder / ".local" / "cluster").exists()


def test_the_tests_own_cluster_trades_safety_for_speed(fresh):
    assert fresh.run("cluster", "start-tests").returncode == 0
    try:
        url = (
            (fresh.folder / ".local" / "tests-env")
            .read_text()
            .split("DATABASE_URL=postgis")[1]
            .split()[0]
        )
        assert ask(f"postgresql{url}", "SHOW fsync") == ("off",)
    finally:
        fresh.run("cluster", "stop")
