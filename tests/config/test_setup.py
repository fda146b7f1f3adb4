"""The set-up's promises to the person at the terminal, and what it takes from pip and leaves in the
environment.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env, schedule
from config.setup import envfile, install, logs, packages, postgres, serve
from config.setup.console import SetupError
from config.setup.schedule import cron_environment, settings_variables

ROOT = Path(__file__).resolve().parents[2]


def make(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT, env={**os.environ, **variables},
        stdin=subprocess.DEVNULL, text=True, capture_output=True, check=False,
    )  # fmt: skip


def test_help_names_every_target_and_is_what_make_alone_prints():
    said = make().stdout
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"run", "setup", "db", "stop", "test", "clean", "drop-data", "lint", "help"} <= set(
        targets
    )
    assert re.findall(r"^  make ([a-z-]+) ", said, re.MULTILINE) == targets
    assert said == make("help").stdout


@pytest.mark.parametrize(
    ("port", "words"),
    [
        ("none", "PORT must be a number"),
        ("0", "PORT must be a number"),
        ("65536", "PORT must be a number"),
    ],
)
def test_a_port_that_is_none_is_refused_before_anything_is_done(port, words):
    refused = make("run", f"PORT={port}")
    assert refused.returncode != 0
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port_is_named_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = make("run", f"PORT={port}")
    assert refused.returncode != 0
    assert f"Port {port} is taken" in refused.stderr
    assert f"make run PORT={port + 1}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_who_cannot_install_packages_is_told_the_exact_line(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "SERVERS", tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 12_345)
    monkeypatch.setenv("PATH", str(tmp_path))  # no sudo, no Chromium
    shutil.copy("/usr/bin/true", tmp_path / "apt-cache")  # apt has no lists yet
    with pytest.raises(SetupError) as refused:
        packages.install_missing(tests=True)
    line = next(line for line in str(refused.value).splitlines() if "sudo apt-get update" in line)
    assert re.search(
        r"apt-get install -y --no-install-recommends postgresql-\d+-postgis-3( |$)", line
    )


def test_a_machine_with_everything_is_left_alone():
    assert packages.missing(tests=True) == []


@pytest.fixture
def tool_folder(tmp_path, monkeypatch):
    """A tool folder as the set-up makes it, with pip and nothing else; no settings of this
    machine's pip.
    """
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "poetry"], check=True)
    monkeypatch.setattr(install, "POETRY_FOLDER", tmp_path / "poetry")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)


def test_poetry_gets_the_index_that_pip_uses(tool_folder, monkeypatch, tmp_path):
    standard = install._poetry_environment()["POETRY_PYPI_MIRROR_URL"]
    assert standard == install.default_index()
    assert standard.startswith("https://")
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://files.example.org/simple\ncert = /etc/ca.crt\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.delenv("PIP_CERT", raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    given = install._poetry_environment()
    assert given["POETRY_PYPI_MIRROR_URL"] == "https://files.example.org/simple"
    assert given["REQUESTS_CA_BUNDLE"] == "/etc/ca.crt"
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example.org/simple")
    assert (
        install._poetry_environment()["POETRY_PYPI_MIRROR_URL"]
        == "https://variable.example.org/simple"
    )


def test_a_lock_file_names_no_index():
    lines = (ROOT / "poetry.lock").read_text().splitlines()
    assert [line for line in lines if "://" in line and not line.startswith("description = ")] == []
    assert not any(line.startswith("[package.source]") for line in lines)


def test_the_lock_keeps_the_given_database_driver_and_no_other():
    locked = tomllib.loads((ROOT / "poetry.lock").read_text())["package"]
    assert {package["name"] for package in locked if package["name"].startswith("psycopg")} == {
        "psycopg2-binary"
    }


@pytest.mark.parametrize(
    ("wanted", "groups"),
    [
        ({}, "main"),
        ({"tests": True}, "main,dev"),
        ({"docs": True}, "main,docs"),
        ({"tests": True, "docs": True}, "main,dev,docs"),
        ({"tests": True, "docs": True, "lint": True}, "main,dev,docs,lint"),
    ],
)
def test_only_the_groups_that_are_needed_are_installed(wanted, groups, monkeypatch, tmp_path):
    ran = record_installations(monkeypatch, tmp_path)
    install.install(**wanted)
    assert [command[-1] for command in ran] == [groups]
    install.install(**wanted)
    assert len(ran) == 1  # nothing is missing now


def test_groups_that_were_installed_before_stay(monkeypatch, tmp_path):
    ran = record_installations(monkeypatch, tmp_path)
    install.install(docs=True)
    install.install(tests=True)
    install.install()
    assert [command[-1] for command in ran] == ["main,docs", "main,dev,docs"]


def record_installations(monkeypatch, tmp_path):
    """Return the list of commands that install packages; none of them runs."""
    ran = []
    monkeypatch.setattr(install, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(install, "LOCAL", tmp_path)
    for step in ("_make_venv", "_make_poetry", "_poetry_environment"):
        monkeypatch.setattr(install, step, dict)
    monkeypatch.setattr(install.packages, "install_missing", lambda tests: None)
    monkeypatch.setattr(install, "_run", lambda command, env=None: ran.append(command))
    return ran


def test_secrets_are_made_once_and_for_their_owner_only(monkeypatch, tmp_path):
    monkeypatch.setattr(envfile, "SECRET_KEY_FILE", tmp_path / "secret-key")
    monkeypatch.setattr(envfile, "LOCAL", tmp_path)
    key = envfile.secret_key()
    assert len(key) >= 50
    assert envfile.secret_key() == key
    envfile.write_env(tmp_path / "env", "postgis://portal:secret@127.0.0.1:5000/marine_tracker")
    assert envfile.known_login(tmp_path / "env") == ("secret", 5000)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_logs_are_for_their_owner_only_also_those_of_an_earlier_set_up(monkeypatch, tmp_path):
    folder = tmp_path / "log"
    monkeypatch.setattr(logs, "LOGS", folder)
    logs.close_logs()  # there are none
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    (folder / "portal.log").write_text("https://portal.example/accounts/password/reset/key/...\n")
    (folder / "portal.log").chmod(0o644)
    outside = tmp_path / "elsewhere"
    outside.write_text("")
    outside.chmod(0o644)
    (folder / "link").symlink_to(outside)
    with logs.open_log("queue.log") as log:
        log.write(b"a line\n")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {(folder / name).stat().st_mode & 0o777 for name in ("portal.log", "queue.log")} == {
        0o600
    }
    assert outside.stat().st_mode & 0o777 == 0o644
    with logs.open_log("queue.log") as log:
        log.write(b"another\n")
    assert (folder / "queue.log").read_text() == "a line\nanother\n"


def test_every_target_of_make_closes_the_logs_of_an_earlier_set_up(monkeypatch):
    closed = []
    monkeypatch.setattr(install, "close_logs", lambda: closed.append(True))
    install.install(tests=True)
    assert closed


def test_the_server_listens_on_this_machine_only():
    words = serve.server_command(8000)
    assert words[words.index("--host") + 1] == "127.0.0.1"


def test_cron_is_handed_every_variable_that_the_settings_read_and_no_other():
    assert {
        "DATABASE_URL",
        "SECRET_KEY",
        "OBIS_API_URL",
        "EMAIL_HOST",
        "SCHEDULE_FULL",
    } <= settings_variables()
    given = {
        "DATABASE_URL": "postgis://a:b@c/d",
        "SITE_NAME": 'It\'s "ours" for $5',
        "SSH_AUTH_SOCK": "/tmp/agent",
    }
    script = cron_environment(given)
    assert "SSH_AUTH_SOCK" not in script
    shown = subprocess.run(
        ["sh", "-c", f'{script} printf %s "$SITE_NAME"'], capture_output=True, text=True, check=True
    )
    assert shown.stdout == given["SITE_NAME"]


def test_a_secret_can_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.secret("SECRET_KEY") == "from the file"
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE cannot be read"):
        env.secret("SECRET_KEY")
    monkeypatch.delenv("SECRET_KEY_FILE")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY must be set"):
        env.secret("SECRET_KEY")


def test_the_schedule_is_monthly_twice_a_year_in_full_every_five_minutes_and_nightly_for_accounts():
    assert [(time, " ".join(words)) for time, _, words in schedule.cronjobs()] == [
        ("0 3 1 * *", "refresh_obis_data --mode incremental --wait --scheduled"),
        ("0 4 1 1,7 *", "refresh_obis_data --mode full --wait --scheduled"),
        ("*/5 * * * *", "run_queued_refreshes"),
        ("40 1 * * *", "tidy_accounts"),
    ]


def test_a_job_moves_or_goes_by_its_variable(monkeypatch):
    monkeypatch.setenv("SCHEDULE_INCREMENTAL", " 30  2 * * 1-5 ")
    monkeypatch.setenv("SCHEDULE_FULL", "")
    assert [time for time, _, _ in schedule.cronjobs()] == [
        "30 2 * * 1-5",
        "*/5 * * * *",
        "40 1 * * *",
    ]


@pytest.mark.parametrize(
    "time", ["@daily", "0 3 1 *", "0 3 1 * * *", "0 3 1 * * reboot", "0 3 1 * %", "x"]
)
def test_a_time_that_cron_would_not_read_is_refused(monkeypatch, time):
    monkeypatch.setenv("SCHEDULE_FULL", time)
    with pytest.raises(ImproperlyConfigured, match="SCHEDULE_FULL must be five cron fields"):
        schedule.cronjobs()
