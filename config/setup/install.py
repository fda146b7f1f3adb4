"""Installs what the portal needs: system packages, the private virtual environment, and Poetry's
locked packages.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from config.setup import packages
from config.setup.console import SetupError, plain_errors, say
from config.setup.logs import close_logs
from config.setup.paths import CHECKOUT, LOCAL, VENV, VENV_PYTHON

POETRY_FOLDER = LOCAL / "poetry"
POETRY = POETRY_FOLDER / "bin" / "poetry"
# The plugin lets Poetry use an index that offers no more than pip needs.
POETRY_PACKAGES = ["poetry==2.5.1", "poetry-plugin-pypi-mirror==0.6.5"]
# not sys.version: apt may renew the same version while we run
PYTHON_VERSION = platform.python_version()
STAMP = LOCAL / "installed.json"
OPTIONAL_GROUPS = {"dev": "tests", "docs": "docs", "lint": "lint"}  # Poetry's group: stamp's key


def install(tests: bool = False, docs: bool = False, lint: bool = False) -> None:
    """Install the portal's missing packages, and those of its tests, documentation and linters on
    request.

    Quick when nothing is missing.
    """
    close_logs()
    packages.install_missing(tests)
    stamp = _wanted_stamp(tests, docs, lint)
    if VENV_PYTHON.exists() and _stamp() == stamp:
        return
    LOCAL.mkdir(mode=0o755, exist_ok=True)
    STAMP.unlink(missing_ok=True)
    _make_venv()
    _make_poetry()
    say("Installing the locked Python packages into .venv")
    groups = ["main", *(group for group, key in OPTIONAL_GROUPS.items() if stamp[key])]
    _run(
        [POETRY, "install", "--no-interaction", "--no-ansi", "--only", ",".join(groups)],
        env=_poetry_environment(),
    )
    if tests and not packages.find_browser():
        _run([VENV_PYTHON, "-m", "playwright", "install", "--with-deps", "chromium"])
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def _stamp() -> dict[str, object]:
    return json.loads(STAMP.read_text(encoding="utf-8")) if STAMP.exists() else {}


def _wanted_stamp(tests: bool, docs: bool = False, lint: bool = False) -> dict[str, object]:
    """Return the state to install: a change of lock, Python or place means a new installation.

    The packages of a group that was installed before stay.
    """
    locked = (CHECKOUT / "poetry.lock").read_bytes()
    before = _stamp()
    return {
        "lock": hashlib.sha256(locked).hexdigest(),
        "python": PYTHON_VERSION,
        "place": str(CHECKOUT),
        "tests": tests or before.get("tests") is True,
        "docs": docs or before.get("docs") is True,
        "lint": lint or before.get("lint") is True,
    }


def _make_venv() -> None:
    """Make .venv, anew when it was made by another Python or in another place."""
    home = _home_of(VENV)
    if (
        home == str(Path(getattr(sys, "_base_executable", sys.executable)).parent)
        and VENV_PYTHON.exists()
        and _scripts_are_ours()
    ):
        return
    say(f"Making the virtual environment .venv with Python {PYTHON_VERSION}")
    shutil.rmtree(VENV, ignore_errors=True)
    _run([sys.executable, "-m", "venv", "--without-pip", VENV])


def _home_of(venv: Path) -> str | None:
    config = venv / "pyvenv.cfg"
    found = (
        re.search(r"^home = (.+)$", config.read_text(encoding="utf-8"), re.MULTILINE)
        if config.exists()
        else None
    )
    return found.group(1) if found else None


def _scripts_are_ours() -> bool:
    """Tell whether the scripts in .venv name this place: a moved or copied checkout's name another."""
    script = next((path for path in (VENV / "bin").glob("django-admin")), None)
    return script is None or str(VENV) in script.read_text(encoding="utf-8").split("\n", 1)[0]


def _make_poetry() -> None:
    """Install Poetry with pip into a tool folder of its own, so that its packages never meet the
    portal's.
    """
    done = POETRY_FOLDER / "made-by.json"
    made_by = json.dumps([*POETRY_PACKAGES, PYTHON_VERSION, str(POETRY_FOLDER)])
    if POETRY.exists() and done.exists() and done.read_text(encoding="utf-8") == made_by:
        return
    say("Installing Poetry for this checkout")
    shutil.rmtree(POETRY_FOLDER, ignore_errors=True)
    _run([sys.executable, "-m", "venv", POETRY_FOLDER])
    _run(
        [
            _tool_python(),
            "-m",
            "pip",
            "install",
            "-qq",
            "--disable-pip-version-check",
            *POETRY_PACKAGES,
        ]
    )
    done.write_text(made_by, encoding="utf-8")


def _tool_python() -> Path:
    return POETRY_FOLDER / "bin" / "python"


def _poetry_environment() -> dict[str, str]:
    """Return the environment variables to run Poetry with.

    They make it use our .venv, overriding the user's own settings, and the same package index as
    pip.
    """
    pip = pip_settings()
    environment = {
        key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONHOME")
    }
    environment |= {
        "POETRY_VIRTUALENVS_CREATE": "true",
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        "POETRY_VIRTUALENVS_USE_POETRY_PYTHON": "true",
        "POETRY_PYPI_MIRROR_URL": pip.get("index-url") or default_index(),
        # a locked desktop keyring would wait for a person
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    if "cert" in pip:
        environment.setdefault("REQUESTS_CA_BUNDLE", pip["cert"])
    if not os.access(Path.home(), os.W_OK):
        environment.setdefault("POETRY_CACHE_DIR", str(LOCAL / "poetry-cache"))
    return environment


def pip_settings() -> dict[str, str]:
    """Return pip's own settings by name (`index-url`, `cert`, ...), as its files and environment
    give them.
    """
    listed = subprocess.run(
        [_tool_python(), "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found = re.findall(r"^(global|install|:env:)\.([a-z-]+)='(.*)'$", listed, re.MULTILINE)
    order = ("global", "install", ":env:")  # the later wins, as in pip
    return {
        name: value for _, name, value in sorted(found, key=lambda entry: order.index(entry[0]))
    }


def default_index() -> str:
    """Return the index that pip uses when none is set, from pip's own help."""
    words = subprocess.run(
        [_tool_python(), "-m", "pip", "install", "--help"],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"},
    ).stdout  # fmt: skip
    found = re.search(r"--index-url <url>[^()]*\(default\s+(https?://[^\s)]+)\)", words)
    if not found:
        raise SetupError("pip does not say which index it uses. Set PIP_INDEX_URL.")
    return found.group(1)


def _run(command: list[str | Path], env: dict[str, str] | None = None) -> None:
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=CHECKOUT, env=env, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SetupError(f"`{' '.join(words[:4])} ...` failed (exit status {done.returncode}).")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m config.setup.install", description=__doc__)
    parser.add_argument("--tests", action="store_true", help="install what the tests need, too")
    parser.add_argument(
        "--docs", action="store_true", help="install what the documentation needs, too"
    )
    given = parser.parse_args()
    install(given.tests, given.docs)
    say("Everything that the portal needs is installed")


if __name__ == "__main__":
    with plain_errors():
        main()
