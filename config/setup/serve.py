"""Serve the portal on this machine until Ctrl-C, and run queued refreshes every five minutes."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from types import FrameType
from typing import IO

from config.setup import cluster
from config.setup.console import SetupError, plain_errors, say
from config.setup.envfile import read_env
from config.setup.logs import open_log
from config.setup.manage import manage_command
from config.setup.paths import CHECKOUT, DEMO_ACCOUNTS, ENV_FILE, LOGS, VENV_PYTHON
from config.setup.prepare import Prepared, prepare

QUEUE_SECONDS = 300
CLUSTER_SECONDS, CLUSTER_RETRY_SECONDS = 2, 30
READY_SECONDS = 90
# a refresh ends at its next commit; what is later is killed, which loses nothing that is committed
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class Child:
    """A process in its own session, so that Ctrl-C does not reach it; it ends when we do."""

    def __init__(self, command: list[str], log: IO[bytes]) -> None:
        self.process = subprocess.Popen(
            command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, preexec_fn=end_with_parent,
        )  # fmt: skip

    def ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self) -> None:
        """Ask the process to end, and kill its whole session when it does not."""
        if not self.ended():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def end_with_parent() -> None:
    """Have Linux send SIGTERM to this process when its parent dies, even by kill -9."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def check_port(port: int) -> None:
    """Raise SetupError when another program listens on the port already."""
    for family, address in _addresses():
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except PermissionError:
                raise SetupError(
                    f"Port {port} is reserved for root. Take one above 1023: make run PORT=8000"
                ) from None
            except OSError:
                raise SetupError(
                    f"Port {port} is taken by another program on this machine. End that, or take another port: "
                    f"make run PORT={port + 1}"
                ) from None


def _addresses() -> list[tuple[socket.AddressFamily, str]]:
    """Return the addresses that `localhost` can mean. All must be free, though the portal listens
    on the first only.
    """
    found = [(socket.AF_INET, "127.0.0.1")]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        found.append((socket.AF_INET6, "::1"))
    return found


def server_command(port: int) -> list[str]:
    """Return the command that serves the portal on this machine only."""
    return [
        str(VENV_PYTHON),
        "-m",
        "config.server",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "2",
    ]


def wait_until_ready(server: Child, port: int) -> None:
    """Return when the portal answers; raises SetupError when it ends or stays silent."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.ended():
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:  # nosec B310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    tail = (LOGS / "portal.log").read_text(errors="replace").splitlines()[-15:]
    raise SetupError(
        "The portal does not answer. The end of .local/log/portal.log:\n" + "\n".join(tail)
    )


def announce(port: int, prepared: Prepared) -> None:
    """Print where the portal is, who can log in, and how to stop."""
    print(
        f"\n  The portal is on http://localhost:{port}  (admin: http://localhost:{port}/admin/)\n"
    )
    if prepared.private and DEMO_ACCOUNTS.exists():
        print(DEMO_ACCOUNTS.read_text(encoding="utf-8").rstrip() + "\n")
    print("  Logs are in .local/log. Press Ctrl-C to stop.\n", flush=True)


class ClusterWatch:
    """Restarts the private cluster beside the server, unless `make stop` has stopped it."""

    def __init__(self) -> None:
        self.due = time.monotonic() + CLUSTER_SECONDS

    def look(self) -> None:
        """Start the cluster again if it has died; what fails is said and tried again later."""
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + CLUSTER_SECONDS
        if cluster.PRIVATE.is_running() or not cluster.PRIVATE.is_wanted():
            return
        say("PostgreSQL has ended by itself: starting it again")
        address = read_env(ENV_FILE).get("DATABASE_URL")
        try:
            cluster.PRIVATE.start()
        except SetupError as error:
            say(f"{error}")
            self.due = time.monotonic() + CLUSTER_RETRY_SECONDS
            return
        say("PostgreSQL runs again")
        if read_env(ENV_FILE).get("DATABASE_URL") != address:
            raise SetupError(
                "Its port has been taken by another program, so the portal has to start anew: make run"
            )


def watch(server: Child, log: IO[bytes], database: ClusterWatch | None) -> None:
    """Run the queue every five minutes and watch the database until the server ends.

    A run that fails is reported, no more.
    """
    runner: Child | None = None
    due = time.monotonic()
    try:
        while not server.ended():
            if runner and runner.ended():
                if runner.process.returncode:
                    say(
                        f"The queue's runner failed ({runner.process.returncode}); see .local/log/queue.log"
                    )
                runner = None
            if runner is None and time.monotonic() >= due:
                runner, due = (
                    Child(manage_command("run_queued_refreshes"), log),
                    time.monotonic() + QUEUE_SECONDS,
                )
            if database:
                database.look()
            time.sleep(0.5)
        raise SetupError(
            f"The server ended by itself ({server.process.returncode}); see .local/log/portal.log"
        )
    finally:
        if runner:
            runner.stop()


def serve(port: int) -> None:
    """Prepare the portal, serve it, and finally stop all that this call started."""
    check_port(port)
    prepared = prepare()
    try:
        with open_log("portal.log") as portal_log, open_log("queue.log") as queue_log:
            say("Starting the portal")
            check_port(port)
            server = Child(server_command(port), portal_log)
            try:
                wait_until_ready(server, port)
                announce(port, prepared)
                with contextlib.suppress(KeyboardInterrupt):  # the way to stop it, not a failure
                    watch(server, queue_log, ClusterWatch() if prepared.private else None)
            finally:
                say("Stopping")
                server.stop()
    finally:
        if prepared.started_cluster:
            cluster.PRIVATE.stop()
        say(
            "Stopped"
            + (
                ""
                if prepared.started_cluster or not prepared.private
                else "; the private cluster runs on"
            )
        )


def set_up() -> None:
    """Do everything that `serve` does before it serves."""
    if prepare().started_cluster:
        cluster.PRIVATE.stop()
    say("The portal is set up: `make run` serves it")


def stop_like_ctrl_c(signum: int, frame: FrameType | None) -> None:
    """Handle SIGTERM and SIGHUP like Ctrl-C, and ignore further signals."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def port_number(text: str) -> int:
    """Return a TCP port; raises SetupError for anything else."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise SetupError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m config.setup.serve", description=__doc__)
    parser.add_argument("--setup-only", action="store_true", help="do everything short of serving")
    setup_only = parser.parse_args().setup_only
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_like_ctrl_c)
    if "MAKELEVEL" in os.environ:
        end_with_parent()
    set_up() if setup_only else serve(port_number(os.environ.get("PORT") or "8000"))


if __name__ == "__main__":
    os.chdir(CHECKOUT)
    with plain_errors():
        main()
