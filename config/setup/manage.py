"""Runs manage.py and the database's own questions for the set-up."""

from __future__ import annotations

import os
import subprocess
from urllib.parse import unquote, urlsplit

from config.setup.console import SetupError
from config.setup.paths import CHECKOUT, VENV_PYTHON


def manage_command(*words: str) -> list[str]:
    """Return the command line that runs manage.py with the portal's own Python."""
    return [str(VENV_PYTHON), "manage.py", *words]


def manage(*words: str) -> None:
    """Run a command of manage.py to its end; raises SetupError when it fails."""
    done = subprocess.run(
        manage_command(*words), cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise SetupError(
            f"`manage.py {' '.join(words)}` failed (exit status {done.returncode}); see above."
        )


def ask_database(url: str, question: str) -> str | None:
    """Return what the private database answers to one line of SQL, or None when it lacks the table,
    without Django.
    """
    parts = urlsplit(url)
    environment = {**os.environ, "PGPASSWORD": unquote(parts.password or "")}
    address = [
        "-h",
        parts.hostname or "",
        "-p",
        str(parts.port),
        "-U",
        unquote(parts.username or ""),
    ]
    command = ["psql", "-XqAtw", *address, "-d", parts.path.lstrip("/"), "-c", question]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode and "does not exist" in done.stderr:
        return None
    if done.returncode:
        raise SetupError(f"The database did not answer:\n{done.stderr.strip()}")
    return done.stdout.strip()
