"""Prepare the portal for serving: packages, database, tables, demonstration data, files."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from config.setup import cluster
from config.setup.console import say
from config.setup.envfile import PROFILE, read_env, secret_key
from config.setup.install import install
from config.setup.manage import ask_database, manage
from config.setup.paths import CHECKOUT, DEMO_UNFINISHED, ENV_FILE, LOCAL

STATIC_STAMP = LOCAL / "static-files"
MIGRATED_STAMP = LOCAL / "migrated"
# A database is empty when nobody and nothing is in it yet; once used, it never gets demonstration
# data by itself.
IS_EMPTY = (
    "SELECT NOT EXISTS (SELECT FROM species_curatedobservation) AND NOT EXISTS (SELECT FROM species_refreshrun)"
    " AND NOT EXISTS (SELECT FROM users_user)"
)


@dataclass(frozen=True)
class Prepared:
    """The result of `prepare`: whose database it is, and whether this call started the cluster."""

    private: bool
    started_cluster: bool


def prepare() -> Prepared:
    """Install, start the private cluster without a DATABASE_URL, migrate, load data, collect files."""
    install()
    private = not os.environ.get("DATABASE_URL")
    if private:
        os.environ.pop("DATABASE_URL", None)  # an empty one counts as none
        started = cluster.start()
    else:
        started = False
        _settings_for_a_given_database()
    try:
        _migrate(read_env(ENV_FILE)["DATABASE_URL"] if private else None)
        if private:
            _load_demo_data_if_empty()
        collect_static_files()
    except BaseException:
        if started:
            cluster.PRIVATE.stop()
        raise
    return Prepared(private, started)


def _settings_for_a_given_database() -> None:
    """Add the settings for this machine to a given DATABASE_URL; the environment wins."""
    say("DATABASE_URL is set: using that database, no private cluster, no demonstration data")
    os.environ.setdefault("PORTAL_PROFILE", PROFILE)
    if not os.environ.get("SECRET_KEY"):
        say(
            "SECRET_KEY is not set: using one kept in .local for this checkout; set it for more than a trial"
        )
        os.environ["SECRET_KEY"] = secret_key()


def _migrate(private_url: str | None) -> None:
    """Migrate the database. A private one whose stamp matches the code needs no Django."""
    if (
        private_url
        and MIGRATED_STAMP.exists()
        and MIGRATED_STAMP.read_text("utf-8") == _migrated_state(private_url)
    ):
        return
    say("Bringing the tables up to date")
    manage("migrate", "--noinput", "--verbosity", "0")
    if private_url:
        MIGRATED_STAMP.write_text(_migrated_state(private_url), encoding="utf-8")


def _migrated_state(url: str) -> str:
    """Return a digest of the migrations in the code, in the locked packages, and in the database."""
    applied = ask_database(url, "SELECT app, name FROM django_migrations ORDER BY id")
    files = [path.read_bytes() for path in sorted(CHECKOUT.glob("*/migrations/*.py"))]
    return hashlib.sha256(repr((applied, files, _lock())).encode()).hexdigest()


def _lock() -> str:
    return hashlib.sha256((CHECKOUT / "poetry.lock").read_bytes()).hexdigest()


def _load_demo_data_if_empty() -> None:
    url = read_env(ENV_FILE)["DATABASE_URL"]
    if DEMO_UNFINISHED.exists() or ask_database(url, IS_EMPTY) == "t":
        say("Loading demonstration data into the empty database")
        DEMO_UNFINISHED.touch()  # a killed load is taken up again: loading twice changes nothing
        manage("load_demo_data")
        DEMO_UNFINISHED.unlink()


def collect_static_files() -> None:
    """Run collectstatic when a file in static/ or a locked package changed since the last time."""
    state = _static_state()
    collected = (CHECKOUT / "staticfiles" / "staticfiles.json").exists()
    if collected and STATIC_STAMP.exists() and STATIC_STAMP.read_text(encoding="utf-8") == state:
        return
    say("Collecting static files")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    STATIC_STAMP.write_text(state, encoding="utf-8")


def _static_state() -> str:
    files = sorted(path for path in (CHECKOUT / "static").rglob("*") if path.is_file())
    facts = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    return hashlib.sha256(repr((facts, _lock())).encode()).hexdigest()
