"""Runs tests, chaos tests, benchmarks, linters and the build of the documentation, after installing
their packages.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Callable

from config.setup import cluster
from config.setup.console import plain_errors, say
from config.setup.envfile import PROFILE, read_env, secret_key
from config.setup.install import install
from config.setup.paths import CHECKOUT, VENV_PYTHON
from config.setup.prepare import collect_static_files

PYTHON = str(VENV_PYTHON)
BENCHMARKS = {"bench": "bench/atlas.py", "bench-refresh": "bench/refresh.py"}
LINTERS = (  # which the tests run too
    [PYTHON, "-m", "ruff", "check", "."],
    [PYTHON, "-m", "ruff", "format", "--check", "."],
    [
        PYTHON,
        "-m",
        "bandit",
        "-q",
        "-r",
        "-c",
        "pyproject.toml",
        "config",
        "users",
        "species",
        "manage.py",
    ],
    [PYTHON, "-m", "mypy"],
)
TEMPLATES = sorted(str(path.relative_to(CHECKOUT)) for path in CHECKOUT.glob("templates/**/*.html"))
MORE_LINTERS = (  # whose packages the tests do not install
    [str(VENV_PYTHON.parent / "djade"), "--check", "--target-version", "5.2", *TEMPLATES],
    [PYTHON, "-m", "codespell_lib"],
)
LOWEST_COVERAGE = 85  # percent of each file's lines
COVERAGE_REPORT = "test-results/coverage.json"
DOCS = [PYTHON, "-m", "sphinx", "-q", "-E", "-W", "--keep-going", "docs", "docs/_build/html"]
DEPLOYMENT = [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
# A process for each processor, with a database and a browser of its own. Tests are dealt out in
# pytest-django's order, few at a time: those that empty the database come after those that count on
# what the migrations put into it.
SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "load", "--maxschedchunk", "8"]
# A portal as it should stand on a server, for Django's own checks and ours.
DEPLOYED = {
    "PORTAL_PROFILE": "production",
    "DEBUG": "0",
    "PORTAL_URL": "https://portal.example.org",
    "ALLOWED_HOSTS": "portal.example.org",
    "ADMINS": "ada@example.org",
    "EMAIL_HOST": "mail.example.org",
    "UPSTREAM_CONTACT": "ada@example.org",
    # never opened
    "DATABASE_URL": "postgis://portal:a-long-password-of-its-own@db.example.org:5432/portal",
}


def run_tests(arguments: list[str]) -> int:
    """Run pytest on the tests' own cluster; return its exit status. Its last word counts: `-n 0`
    for one process.
    """
    return run_with_database(cluster.TESTS, ["-m", "pytest", *SIDE_BY_SIDE, *arguments])


def measure(program: str, arguments: list[str]) -> int:
    """Run a benchmark on the private cluster, whose settings, static files too, are those of a real
    portal.
    """
    return run_with_database(cluster.PRIVATE, [program, *arguments], first=collect_static_files)


def run_with_database(
    private: cluster.Cluster, words: list[str], first: Callable[[], None] = lambda: None
) -> int:
    """Run Python on a private cluster, or on DATABASE_URL's server when it is set; stop what this
    call started.

    `first` runs before it under the same settings. Nothing is printed after the program's own
    closing line.
    """
    install(tests=True)
    given = bool(os.environ.get("DATABASE_URL"))
    started = not given and cluster.start(private)
    try:
        if given:
            os.environ.setdefault("PORTAL_PROFILE", PROFILE)
            os.environ.setdefault("SECRET_KEY", secret_key())
        else:
            os.environ.update(read_env(private.env_file))
        first()
        return _status([PYTHON, *words])
    finally:
        if started:
            private.stop()


def lint() -> int:
    """Run every linter, also after one has complained; return 1 when any did."""
    install(tests=True, docs=True, lint=True)
    os.environ.update(DEPLOYED | {"SECRET_KEY": secret_key()})
    return max(
        [1 if _status(command) else 0 for command in (*LINTERS, *MORE_LINTERS, DOCS, DEPLOYMENT)]
    )


def measure_coverage(arguments: list[str]) -> int:
    """Run the tests with line coverage; return 1 when a test fails or a file is covered too little."""
    report = CHECKOUT / COVERAGE_REPORT
    report.unlink(missing_ok=True)
    failed = run_tests(["--cov", f"--cov-report=json:{report}", *arguments])
    files = json.loads(report.read_text(encoding="utf-8"))["files"] if report.exists() else {}
    covered = {name: file["summary"]["percent_covered"] for name, file in files.items()}
    too_little = {name: part for name, part in covered.items() if part < LOWEST_COVERAGE}
    for name, part in sorted(too_little.items()):
        say(f"{name}: {part:.0f} % of the lines are covered, and {LOWEST_COVERAGE} % are required")
    return 1 if failed or too_little or not covered else 0


def build_docs() -> int:
    """Build the documentation in docs/_build/html, warnings being errors; return the exit status."""
    install(docs=True)
    status = _status(DOCS)
    if status == 0:
        say("The documentation is in docs/_build/html/index.html")
    return status


def _status(command: list[str]) -> int:
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m config.setup.check", description=__doc__)
    parser.add_argument("what", choices=["test", "chaos", "coverage", *BENCHMARKS, "lint", "docs"])
    chosen, arguments = parser.parse_known_args()
    if chosen.what == "lint":
        raise SystemExit(lint())
    if chosen.what == "docs":
        raise SystemExit(build_docs())
    if chosen.what == "coverage":
        raise SystemExit(measure_coverage(arguments))
    if program := BENCHMARKS.get(chosen.what):
        raise SystemExit(measure(program, arguments))
    raise SystemExit(
        run_tests(["-m", "chaos", "-n", "0", *arguments] if chosen.what == "chaos" else arguments)
    )


if __name__ == "__main__":
    with plain_errors():
        main()
