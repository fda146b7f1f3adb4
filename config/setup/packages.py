"""Install missing system packages, or print the command that does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from config.setup import postgres
from config.setup.console import SetupError, say

# Where apt has no lists yet and this user cannot fetch them: the PostgreSQL that the release ships.
POSTGRESQL_OF_RELEASE = {
    "debian 12": "15",
    "debian 13": "17",
    "ubuntu 22.04": "14",
    "ubuntu 24.04": "16",
}


def missing(tests: bool) -> list[str]:
    """Return the names of the absent packages, without asking apt; for tests, Chromium and cron
    count too.
    """
    absent = []
    if not postgres.installed_versions():
        absent.append(f"postgresql-{_postgresql_version()}-postgis-3")
    if find_spec("ensurepip") is None or find_spec("venv") is None:
        absent.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if tests and not find_browser() and not _release().startswith("ubuntu"):
        absent.append("chromium")
    # Playwright's driver loads it
    if tests and not list(Path("/usr/lib").glob("*/libatomic.so.1")):
        absent.append("libatomic1")
    if tests and not shutil.which("cron", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        absent.append("cron")
    return absent


def find_browser() -> str | None:
    """Return the path of a Chromium, or None: Ubuntu's needs snap, so there Playwright brings its
    own.
    """
    return next(
        filter(None, map(shutil.which, ("chromium", "google-chrome", "google-chrome-stable"))), None
    )


def install_missing(tests: bool) -> None:
    """Install missing packages with apt, as root or with sudo. Raises SetupError otherwise."""
    names = missing(tests)
    if not names:
        return
    say(f"Installing system packages: {' '.join(names)}")
    if not (as_root := _root_prefix()):
        raise SetupError(
            f"These system packages are missing: {' '.join(names)}. Ask an administrator to run\n\n"
            f"    sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(names)}\n\n"
            "then start this again."
        )
    _apt(as_root, ["update"])
    names = missing(tests)  # with the lists at hand the version of PostgreSQL is known, not guessed
    _apt(as_root, ["install", "-y", "--no-install-recommends", *names])
    if left := missing(tests):
        raise SetupError(
            f"apt installed its packages, and these are still missing: {' '.join(left)}"
        )


def _root_prefix() -> list[str]:
    """Return what to put before a command so that root runs it (`env` for root itself), or nothing
    when none can.
    """
    settings = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if os.getuid() == 0:
        return settings
    sudo = shutil.which("sudo")
    if not sudo:
        return []
    without_password = (
        subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
    )
    if without_password or (
        sys.stdin.isatty() and subprocess.run([sudo, "-v"], check=False).returncode == 0
    ):
        return [sudo, *settings]
    return []


def _apt(as_root: list[str], words: list[str]) -> None:
    command = [*as_root, "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SetupError(
            f"apt-get {words[0]} failed (exit status {done.returncode}); what it said stands above."
        )


def _postgresql_version() -> str:
    """Return the major version of PostgreSQL for which apt offers PostGIS, the newest of them."""
    offered = subprocess.run(
        ["apt-cache", "search", "--names-only", "^postgresql-[0-9]+-postgis-3$"],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    versions = re.findall(r"^postgresql-(\d+)-postgis-3 ", offered, re.MULTILINE)
    return max(versions, key=int) if versions else POSTGRESQL_OF_RELEASE.get(_release(), "15")


def _release() -> str:
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    facts = dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)
    return f"{facts.get('ID')} {facts.get('VERSION_ID')}"
