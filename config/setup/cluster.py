"""Starts, recovers, stops and drops the private PostgreSQL + PostGIS clusters of a checkout.

The portal's own cluster keeps PostgreSQL's durable settings; the tests' cluster trades them for
speed. Both listen on 127.0.0.1 only, ask every role for its password, and have no socket in the
file system. The bootstrap superuser has no password, so nobody can log in as it: what needs it is
done in PostgreSQL's single-user mode while the cluster is down.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.setup import postgres
from config.setup.console import SetupError, plain_errors, say
from config.setup.envfile import known_login, write_env
from config.setup.paths import (
    CHECKOUT,
    DEMO_ACCOUNTS,
    DEMO_UNFINISHED,
    ENV_FILE,
    LOCAL,
    TESTS_ENV_FILE,
)

DATABASE = "marine_tracker"
ROLE = "portal"
# for root in a checkout that `postgres` cannot walk to
ELSEWHERE = Path("/var/lib/marine-species-tracker")
START_SECONDS = 600  # crash recovery after a long write can take minutes
WHO_MAY_LOG_IN = f"host all {ROLE} 127.0.0.1/32 scram-sha-256\n"
SPEED_OVER_SAFETY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Cluster:
    """A private cluster: its folder below .local, its file of settings, and its durability."""

    name: str
    env_file: Path
    durable: bool

    @property
    def folder(self) -> Path:
        """Return the folder that holds, or will hold, the data; raises SetupError when its owner
        cannot reach it.
        """
        inside = LOCAL / self.name
        outside = ELSEWHERE / hashlib.sha256(str(inside).encode()).hexdigest()[:12]
        if os.getuid() != 0 or (not (outside / "data").exists() and postgres.can_enter(LOCAL)):
            return inside
        if (inside / "data").exists():
            raise SetupError(
                f"The user `postgres` can no longer enter {inside}, where the data stand. Allow that first."
            )
        return outside

    @property
    def title(self) -> str:
        """Return the name that its processes carry in the list of processes."""
        return "portal-" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> bool:
        """Create the cluster if needed and start it; return False if it was running already."""
        with self._locked():
            made = self._make_if_absent()
            if self._server() and known_login(self.env_file):
                return False
            self._stop()
            self._clear_leftovers()
            password, port = known_login(self.env_file) or (None, None)
            if made or password is None:
                password = secrets.token_urlsafe(24)
                self._alone(f"ALTER ROLE {ROLE} PASSWORD '{password}';")
            port = postgres.free_port(port)
            self._launch(port)
            self._stopped_on_purpose.unlink(missing_ok=True)
            write_env(self.env_file, f"postgis://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}")
            return True

    def stop(self) -> bool:
        """Stop the cluster, its transactions rolled back; return False when it was not running."""
        with self._locked():
            self._stopped_on_purpose.touch()
            return self._stop()

    def is_running(self) -> bool:
        return self._server() is not None

    def is_wanted(self) -> bool:
        """Return whether the cluster should be running: it exists, and `stop` was not called since
        its start.
        """
        return self.exists() and not self._stopped_on_purpose.exists()

    @property
    def _stopped_on_purpose(self) -> Path:
        return LOCAL / f"{self.name}.stopped"

    def drop(self) -> None:
        """Delete the cluster after the user has typed the database's name."""
        with self._locked():
            self._stop()
            folder = self.folder
            shutil.rmtree(folder)
            if folder.parent == ELSEWHERE:
                with contextlib.suppress(OSError):  # another checkout's cluster stands there
                    ELSEWHERE.rmdir()
            self.env_file.unlink(missing_ok=True)

    def exists(self) -> bool:
        return postgres.installed_versions() != [] and (self.data / "PG_VERSION").exists()

    def _server(self) -> int | None:
        """Return the process id of the running server: the one in its pid file, if that process is
        really it.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if pid in postgres.processes(self.title, self.data) else None

    def _program(self, name: str) -> Path:
        version_file = self.data / "PG_VERSION"
        return (
            postgres.bin_folder(version_file.read_text().strip() if version_file.exists() else None)
            / name
        )

    def _make_if_absent(self) -> bool:
        """Create the data folder atomically; a half-finished one is moved aside."""
        if (self.data / "PG_VERSION").exists():
            return False
        say(f"Making a private PostgreSQL cluster in {self.folder}")
        self._make_folder()
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        initdb: list[str | Path] = [
            self._program("initdb"),
            "-D",
            fresh,
            "-U",
            "postgres",
            "-A",
            "reject",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        postgres.run(initdb, self.folder)
        postgres.run(["/usr/bin/tee", fresh / "pg_hba.conf"], self.folder, WHO_MAY_LOG_IN)
        # in template1, so that test databases need no superuser
        self._alone("CREATE EXTENSION postgis;", fresh)
        self._alone(f"CREATE ROLE {ROLE} LOGIN CREATEDB;", fresh)
        # So that the refresh can see on which disk the data lie, and how much of it is free.
        self._alone(f"GRANT pg_read_all_settings TO {ROLE};", fresh)
        self._alone(f"CREATE DATABASE {DATABASE} OWNER {ROLE};", fresh)
        fresh.rename(self.data)
        return True

    def _make_folder(self) -> None:
        account = postgres.owner()
        LOCAL.mkdir(mode=0o755, exist_ok=True)
        self.folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if os.getuid() == 0:
            os.chown(self.folder, account.pw_uid, account.pw_gid)

    def _alone(self, statement: str, data: Path | None = None) -> None:
        """Run one statement as the superuser in single-user mode; the cluster must be down."""
        command: list[str | Path] = [
            self._program("postgres"),
            "--single",
            "-D",
            data or self.data,
            "template1",
        ]
        words = postgres.run(command, self.folder, statement + "\n").stderr
        if re.search(r"\b(ERROR|FATAL|PANIC):", words):  # its exit status is 0 all the same
            raise SetupError(
                f"PostgreSQL refused {statement.split(' PASSWORD')[0]!r}:\n{words.strip()}"
            )

    def _launch(self, port: int) -> None:
        log = self.folder / "log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.replace(log.with_name("log.old"))
        options = ["-p", str(port), *(f"-c {setting}" for setting in self._settings())]
        command: list[str | Path] = [
            self._program("pg_ctl"),
            "start",
            "-D",
            self.data,
            "-s",
            "-w",
            "-t",
            str(START_SECONDS),
            "-l",
            log,
        ]
        try:
            postgres.run([*command, "-o", " ".join(options)], self.folder)
        except SetupError as error:
            end_of_log = (
                "\n".join(log.read_text(errors="replace").splitlines()[-12:])
                if log.exists()
                else ""
            )
            raise SetupError(f"{error}\nThe end of {log}:\n{end_of_log}") from None

    def _settings(self) -> list[str]:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        settings = [
            f"cluster_name={self.title}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=''",
            "timezone=UTC",
            "log_timezone=UTC",
            f"shared_buffers={max(128, min(1024, memory // 8))}MB",
            f"effective_cache_size={max(256, memory // 2)}MB",
            "work_mem=32MB",
            "maintenance_work_mem=256MB",
            "max_wal_size=4GB",
            # a killed refresh frees its lock at once, not at its next word
            "client_connection_check_interval=1s",
            "random_page_cost=1.1",
        ]
        return settings + ([] if self.durable else list(SPEED_OVER_SAFETY))

    def _stop(self) -> bool:
        if not self._server():
            return False
        stop: list[str | Path] = [
            self._program("pg_ctl"),
            "stop",
            "-D",
            self.data,
            "-s",
            "-w",
            "-t",
            "120",
            "-m",
            "fast",
        ]
        postgres.run(stop, self.folder)
        return True

    def _clear_leftovers(self) -> None:
        """Clean up after a killed server: end its children, then remove its pid file.

        PostgreSQL does both itself, unless a child is alive or the process id is in use again.
        """
        deadline = time.monotonic() + 30
        while left := postgres.processes(self.title, self.data):
            if time.monotonic() > deadline:
                raise SetupError(
                    f"Processes {left} of a killed cluster do not end. End them, then try again."
                )
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    # PostgreSQL's "leave at once"; the log is replayed at the start
                    os.kill(pid, signal.SIGQUIT)
            time.sleep(0.2)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Prevent concurrent starts and stops of the cluster."""
        LOCAL.mkdir(mode=0o755, exist_ok=True)
        with (LOCAL / f"{self.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


PRIVATE = Cluster("cluster", ENV_FILE, durable=True)
TESTS = Cluster("tests-cluster", TESTS_ENV_FILE, durable=False)


def start(cluster: Cluster = PRIVATE) -> bool:
    """Start a cluster and say so; return whether this call started it."""
    started = cluster.start()
    say("PostgreSQL started" if started else "PostgreSQL is running already")
    return started


def stop() -> None:
    """Stop both clusters of this checkout."""
    for cluster, label in ((PRIVATE, "private"), (TESTS, "tests'")):
        stopped = cluster.exists() and cluster.stop()
        say(
            f"The {label} cluster is stopped" if stopped else f"The {label} cluster was not running"
        )


def drop() -> None:
    """Delete the private cluster after the person has typed the database's name."""
    if not PRIVATE.exists():
        say("There is no private cluster: nothing to drop")
        return
    print(f"This deletes every record and account in {PRIVATE.folder}, for good.")
    try:
        typed = input(f"Type the database's name ({DATABASE}) to go on: ")
    except EOFError:
        typed = ""
    if typed.strip() != DATABASE:
        raise SetupError("That is not its name. Nothing was deleted.")
    PRIVATE.drop()
    for file in (DEMO_ACCOUNTS, DEMO_UNFINISHED):
        file.unlink(missing_ok=True)
    say("The private cluster is gone. `make run` makes a new one.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m config.setup.cluster", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "drop", "start-tests"])
    action = parser.parse_args().action
    if action == "start" and os.environ.get("DATABASE_URL"):
        say("DATABASE_URL is set: that database is used, no private cluster is started")
    elif action == "start":
        start()
        print(
            f"The portal's settings are in {ENV_FILE.relative_to(CHECKOUT)}; try .venv/bin/python manage.py check"
        )
    elif action == "start-tests":
        start(TESTS)
    elif action == "stop":
        stop()
    else:
        drop()


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    with plain_errors():
        main()
