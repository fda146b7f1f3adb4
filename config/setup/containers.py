"""A trial of the containers: build, start under a separate name, check, and remove them."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import NamedTuple

from config.setup.console import SetupError, plain_errors, say
from config.setup.paths import CHECKOUT

START_SECONDS = 300  # until every service is healthy; migrating takes most of it
CRON_SECONDS = 150  # until a job that is due every minute has run
HOST = "portal.example.org"
# What this machine's environment and .env say of the portal is left out, so that every trial is the
# same.
SYSTEM = (
    "PATH",
    "HOME",
    "LANG",
    "DOCKER_",
    "XDG_",
    "BUILDKIT_",
    "SSH_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
PRODUCTION = {
    "COMPOSE_FILE": "docker-compose.yml",
    "PORTAL_URL": f"https://{HOST}",
    "ALLOWED_HOSTS": HOST,
    "EMAIL_HOST": "mail.example.org",
    "ADMINS": "ada@example.org",
    "UPSTREAM_CONTACT": "ada@example.org",
    "SCHEDULE_QUEUE": "* * * * *",
}
TESTS = [
    "tests/config/test_containers.py",
    "tests/species/test_units.py",
    "tests/users/test_codes.py",
]
# One page from the tests' own stand-in for OBIS and WoRMS, inside the container.
REFRESH = """
python -m tests.replay --records 300 --datasets 1 >/tmp/replay.env & replay=$!
trap 'kill $replay' EXIT
until grep -q WORMS_API_URL /tmp/replay.env; do sleep 0.2; done
export $(grep _API_URL= /tmp/replay.env)
python manage.py refresh_obis_data --mode full --pages 1 --no-enrich --yes
"""


class Answer(NamedTuple):
    status: int
    headers: Message
    text: str


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object, **more: object) -> None:
        return None


class Stack:
    """The services of compose in a project, port and network of their own."""

    def __init__(self, compose: list[str], no_variables: Path, **variables: str) -> None:
        self.port = free_port()
        known = {name: value for name, value in os.environ.items() if name.startswith(SYSTEM)}
        self.environment = known | variables | {
            "COMPOSE_PROJECT_NAME": f"portal-trial-{os.getpid()}",
            "PORTAL_PORT": str(self.port),
            "PORTAL_NETWORK": f"10.213.{random.randrange(100, 250)}.0/26",  # noqa: S311  # nosec B311
            "UID": str(os.getuid() or 1000),
        }  # fmt: skip
        self.command = [*compose, "--env-file", str(no_variables)]

    def compose(
        self, *words: str, text: str = "", must: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of compose; raises SetupError with what it printed when it fails, unless it
        may.
        """
        done = subprocess.run(
            [*self.command, *words], cwd=CHECKOUT, env=self.environment, input=text, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if must and done.returncode:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-40:])
            raise SetupError(f"compose {' '.join(words)} ended with {done.returncode}:\n{tail}")
        return done

    def run(self, service: str, *words: str) -> str:
        """Return the output of a command in a service's container."""
        return self.compose("exec", "-T", service, *words).stdout

    def get(self, path: str, **headers: str) -> Answer:
        """Return the response through the portal's proxy; status 0 without one."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        question = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=named)
        try:
            with urllib.request.build_opener(NoRedirects).open(question, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.headers, refusal.read().decode(errors="replace"))
        except OSError:
            return Answer(0, Message(), "")

    def start(self) -> None:
        """Start every service and wait until the proxy, which comes last, answers for the portal."""
        self.compose("up", "-d", "--build")
        deadline = time.monotonic() + START_SECONDS
        while (
            self.get("/healthz", Host=self.environment.get("ALLOWED_HOSTS", "localhost")).status
            != 200
        ):
            if time.monotonic() > deadline:
                raise SetupError(
                    "The portal did not start:\n" + self.compose("logs", "--tail=40").stdout
                )
            time.sleep(1)

    @contextlib.contextmanager
    def started(self) -> Iterator[None]:
        try:
            self.start()
            yield
        finally:
            self.compose("down", "--volumes", "--timeout", "10", must=False)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def find_compose() -> list[str]:
    """Return the command of Compose; raises SetupError where there is none, or no engine answers."""
    if not shutil.which("docker"):
        raise SetupError(
            "There is no container engine: install Docker with Compose, then `make containers` again."
        )
    if _status(["docker", "info"]):
        raise SetupError(
            "Docker is installed, but its engine does not answer: start it, or use an account that may."
        )
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and _status([*command, "version"]) == 0:
            return command
    raise SetupError(
        "Docker is installed without Compose: install its plugin (docker-compose-plugin)."
    )


def _status(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


def expect(sentence: str, holds: bool, seen: object = "") -> None:
    """Print what holds; raises SetupError with what was seen instead where it does not."""
    if not holds:
        raise SetupError(f"Not so: {sentence}.\nSeen: {str(seen)[:2000]}")
    print(f"  ok  {sentence}", flush=True)


def try_production(compose: list[str], no_variables: Path) -> None:
    say("Production: building and starting")
    stack = Stack(compose, no_variables, POSTGRES_PASSWORD=secrets.token_hex(16), **PRODUCTION)
    with stack.started():
        plain = stack.get("/", Host=HOST)
        expect(
            "plain http is led to https", plain.headers.get("Location") == f"https://{HOST}/", plain
        )
        page = stack.get("/", Host=HOST, X_Forwarded_Proto="https")
        expect(
            "behind TLS the map answers",
            page.status == 200 and "Strict-Transport-Security" in page.headers,
            page,
        )
        style = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        file = stack.get(style, Host=HOST, X_Forwarded_Proto="https")
        expect(
            "static files may be kept for ever",
            "immutable" in file.headers.get("Cache-Control", ""),
            file,
        )
        for path in ("/healthz", "/readyz"):
            expect(
                f"{path} answers",
                stack.get(path, Host=HOST).status == 200,
                stack.get(path, Host=HOST),
            )
        refused = stack.get("/", Host="evil.example", X_Forwarded_Proto="https")
        expect("another host is refused", refused.status == 400, refused)
        stack.run("backend", "python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
        expect("every setting of a deployment has arrived", True)
        code = stack.run("backend", "sh", "-c", "ls -A; test -w . && echo writable || true")
        private = {".env", ".git", "tests", "writable"} & set(code.split())
        expect("the image's code is read-only, without .env and .git", not private, code)
        locale = stack.run(
            "db", "psql", "-U", "postgres", "-d", "marine_tracker", "-Atc", "SHOW lc_collate"
        ).strip()
        expect("the database sorts as in the tests", locale == "C.UTF-8", locale)
        try_cron(stack)


def try_cron(stack: Stack) -> None:
    """The schedule runs as the image's user, and its container stops when asked."""
    beats = [
        "psql",
        "-U",
        "postgres",
        "-d",
        "marine_tracker",
        "-Atc",
        "SELECT count(*) FROM species_runnerheartbeat",
    ]
    deadline = time.monotonic() + CRON_SECONDS
    while stack.run("db", *beats).strip() == "0" and time.monotonic() < deadline:
        time.sleep(2)
    expect(
        "the schedule runs its jobs",
        stack.run("db", *beats).strip() == "1",
        stack.compose("logs", "cron").stdout,
    )
    container = stack.compose("ps", "-q", "cron").stdout.strip()
    stack.compose("stop", "cron")
    status = subprocess.run(
        ["docker", "inspect", "--format", "{{.State.ExitCode}}", container],
        env=stack.environment, capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    expect("the schedule stops at SIGTERM", status not in ("137", ""), status)


def try_development(compose: list[str], no_variables: Path) -> None:
    say("Development: building and starting")
    stack = Stack(compose, no_variables)
    with stack.started():
        page = stack.get("/", Host="localhost")
        expect("the map answers over plain http", page.status == 200, page)
        stack.run("backend", "python", "manage.py", "migrate", "--check")
        stack.run("backend", "python", "manage.py", "makemigrations", "--check")
        expect("the tables are those of the code", True)
        expect(
            "a page from OBIS's stand-in is loaded",
            "300" in stack.run("backend", "sh", "-c", REFRESH),
        )
        expect(
            "tests run in the container", " passed" in stack.run("backend", "pytest", "-q", *TESTS)
        )


def main() -> None:
    compose = find_compose()
    # in place of the checkout's .env
    with tempfile.NamedTemporaryFile(prefix="no-variables-") as empty:
        try_production(compose, Path(empty.name))
        try_development(compose, Path(empty.name))
    say("The containers work")


if __name__ == "__main__":
    with plain_errors():
        main()
