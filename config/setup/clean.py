"""Deletes what the set-up can make again; the private database and its secrets are never touched."""

from __future__ import annotations

import shutil
from pathlib import Path

from config.setup import cluster
from config.setup.console import plain_errors, say
from config.setup.install import POETRY_FOLDER, STAMP
from config.setup.paths import CHECKOUT, LOGS, VENV
from config.setup.prepare import STATIC_STAMP

MADE = [
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    "docs/_build",
    "staticfiles",
    "test-results",
]


def clean() -> None:
    """Remove the virtual environment, Poetry, caches, collected files, logs, and the tests'
    cluster.
    """
    if cluster.TESTS.exists():
        cluster.TESTS.drop()
    compiled = [path for path in CHECKOUT.rglob("__pycache__") if VENV not in path.parents]
    for folder in [VENV, POETRY_FOLDER, LOGS, *(CHECKOUT / name for name in MADE), *compiled]:
        shutil.rmtree(folder, ignore_errors=True)
    for file in (STAMP, STATIC_STAMP, Path(CHECKOUT / ".coverage")):
        file.unlink(missing_ok=True)
    say("Clean. The private database stands as it was; `make drop-data` deletes it.")


if __name__ == "__main__":
    with plain_errors():
        clean()
