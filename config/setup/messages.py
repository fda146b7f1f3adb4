"""Collect the texts to translate into locale/ and compile them, with GNU gettext."""

from __future__ import annotations

import os
import shutil
import subprocess

from config.setup import cluster
from config.setup.console import plain_errors
from config.setup.envfile import secret_key
from config.setup.install import install
from config.setup.paths import CHECKOUT, VENV_PYTHON

LANGUAGES = ("de",)
DOMAINS = ("django", "djangojs")
NOT_OURS = (
    ".venv",
    "bench",
    "docs",
    "species/demonstration",
    "static/vendor",
    "staticfiles",
    "tests",
)


def gather() -> None:
    """Write every marked text into the .po files; translations stay, texts that are gone go."""
    ignored = [word for path in NOT_OURS for word in ("--ignore", path)]
    for domain in DOMAINS:
        for language in LANGUAGES:
            words = [
                "makemessages",
                "-d",
                domain,
                "-l",
                language,
                "--add-location",
                "file",
                "--no-obsolete",
                *ignored,
            ]
            subprocess.run([str(VENV_PYTHON), "manage.py", *words], cwd=CHECKOUT, check=True)


def compile_all() -> None:
    """Write the .mo files, which are kept in git so that a portal needs no gettext."""
    for language in LANGUAGES:
        folder = CHECKOUT / "locale" / language / "LC_MESSAGES"
        for domain in DOMAINS:
            words = ["--check-format", "--no-hash", "-o", f"{domain}.mo", f"{domain}.po"]
            subprocess.run(["msgfmt", *words], cwd=folder, check=True)


def main() -> None:
    if not shutil.which("msgfmt"):
        raise SystemExit("GNU gettext is needed for this: sudo apt-get install -y gettext")
    install(tests=True)
    # never opened
    os.environ.setdefault("DATABASE_URL", f"postgis://nobody@127.0.0.1/{cluster.DATABASE}")
    os.environ.setdefault("SECRET_KEY", secret_key())
    gather()
    compile_all()


if __name__ == "__main__":
    with plain_errors():
        main()
