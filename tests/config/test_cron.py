"""The schedule under a real cron: repeatable changes to the crontab, and jobs that run without any
environment.
"""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.setup.schedule import cron_environment
from species.management.commands import crontab as command
from species.models import RunnerHeartbeat

# What Debian's cron gives a job, and nothing more.
CRONS_ENVIRONMENT = {
    "HOME": "/",
    "LOGNAME": "cron",
    "SHELL": "/bin/sh",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
}


@pytest.fixture
def crontab(tmp_path, monkeypatch, settings):
    """A crontab program of the test's own: the same words as cron's, on a file, refusing what cron
    refuses.
    """
    program, table = tmp_path / "crontab", tmp_path / "table"
    program.write_text(
        f'#!/bin/sh\nT={table}\ncase "$1" in\n'
        '-l) [ -f "$T" ] && cat "$T" ;;\n'
        '-) cat > "$T" ;;\n'
        '*) [ -z "$(tail -c 1 "$1")" ] || exit 1; ! grep -q REFUSED "$1" && cp "$1" "$T" ;;\nesac\n'
    )
    program.chmod(0o755)
    settings.CRONTAB_EXECUTABLE = str(program)
    return table


OTHERS = "MAILTO=someone@example.org\n# a comment, not of ours\n7 7 * * * somebody's own job\n"


def test_adding_twice_leaves_each_job_once_and_every_other_line(crontab, capsys):
    crontab.write_text(OTHERS)
    for _ in range(2):
        call_command("crontab", "add")
        lines = crontab.read_text().splitlines()
        assert "\n".join(lines[:3]) + "\n" == OTHERS
        assert len(lines) == 3 + len(settings.CRONJOBS)
    call_command("crontab", "remove")
    assert crontab.read_text() == OTHERS


def test_a_changed_schedule_replaces_the_old_one(crontab, settings, capsys):
    call_command("crontab", "add")
    settings.CRONJOBS = [("1 2 3 4 5", "django.core.management.call_command", ["check"])]
    call_command("crontab", "show")
    assert "no longer in the settings" in capsys.readouterr().out
    call_command("crontab", "add")
    capsys.readouterr()
    call_command("crontab", "show")
    assert capsys.readouterr().out.split() == ["1", "2", "3", "4", "5", "check"]
    assert len(crontab.read_text().splitlines()) == 1


def test_showing_says_when_jobs_are_missing(crontab, capsys):
    call_command("crontab", "show")
    assert (
        f"0 of the {len(settings.CRONJOBS)} scheduled jobs are in the crontab"
        in capsys.readouterr().out
    )


def test_what_cron_refuses_is_an_error_and_the_old_crontab_stays(crontab, settings):
    crontab.write_text(OTHERS)
    settings.CRONTAB_COMMENT = "REFUSED by this cron"
    with pytest.raises(CommandError, match="Restored the old crontab"):
        call_command("crontab", "add")
    assert crontab.read_text() == OTHERS


@pytest.fixture
def scheduled(tmp_path, settings):
    """The portal's settings as `make schedule` writes them for cron, for a queue that is looked at
    every minute.
    """
    variables = dict(os.environ) | {
        "DATABASE_URL": url_of(connection.settings_dict),
        "CRON_LOG": str(tmp_path / "log" / "cron.log"),
        "CRON_ENV_FILE": str(tmp_path / "cron-env"),
        "SCHEDULE_INCREMENTAL": "",
        "SCHEDULE_FULL": "",
        "SCHEDULE_QUEUE": "* * * * *",
        "SCHEDULE_TIDY": "",
        "SECRET_KEY": settings.SECRET_KEY,
        "PORTAL_PROFILE": "private",
    }
    (tmp_path / "cron-env").write_text(cron_environment(variables))
    return variables


def url_of(database) -> str:
    return "postgis://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)


def manage(variables: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def log_of(variables: dict[str, str]) -> str:
    log = Path(variables["CRON_LOG"])
    return log.read_text() if log.exists() else "(no log)"


def ran() -> bool:
    return RunnerHeartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_finds_its_settings_in_crons_empty_environment(scheduled, tmp_path):
    shown = subprocess.run(
        [sys.executable, "-c", PRINT_JOBS],
        cwd=settings.BASE_DIR,
        env=scheduled,
        capture_output=True,
        text=True,
        check=True,
    )
    [line] = shown.stdout.splitlines()
    job = line.split(maxsplit=5)[5]
    done = subprocess.run(
        ["/bin/sh", "-c", job],
        cwd="/",
        env=CRONS_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), log_of(scheduled)
    assert ran(), log_of(scheduled)
    log = Path(scheduled["CRON_LOG"])
    assert [path.stat().st_mode & 0o777 for path in (log.parent, log)] == [0o700, 0o600]


def test_a_job_closes_the_log_that_an_earlier_set_up_left_open(settings, tmp_path):
    settings.CRON_LOG = tmp_path / "cron.log"
    command.close_log()  # there is none
    settings.CRON_LOG.write_text("a link that logs somebody in\n")
    settings.CRON_LOG.chmod(0o644)
    command.close_log()
    assert settings.CRON_LOG.stat().st_mode & 0o777 == 0o600


PRINT_JOBS = """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from django_crontab.crontab import Crontab
crontab = Crontab(verbosity=0)
crontab.add_jobs()
print("".join(crontab.crontab_lines), end="")
"""

if os.getuid() == 0:  # only root can be cron's daemon

    @contextlib.contextmanager
    def cron_daemon():
        """This machine's cron, or one of our own when none runs: a second one finds the lock taken
        and ends at once.
        """
        daemon = subprocess.Popen(
            ["/usr/sbin/cron", "-f"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield
        finally:
            daemon.terminate()
            daemon.wait()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.long
    def test_a_real_cron_daemon_runs_the_queue(scheduled):
        before = command.crontab_lines()
        with cron_daemon():
            try:
                manage(scheduled, "crontab", "add")
                assert len(command.crontab_lines()) == len(before) + 1
                deadline = time.monotonic() + 130
                while not ran() and time.monotonic() < deadline:
                    time.sleep(1)
            finally:
                manage(scheduled, "crontab", "remove")
        assert ran(), log_of(scheduled)
        assert command.crontab_lines() == before
