"""Puts the schedule into this user's crontab: django-crontab's command, made safe to repeat.

On its own that command fails after CRONJOBS changed and can leave an empty crontab behind, and says
nothing when cron refuses the file. Here every other line is kept, the outcome is counted, and the
old crontab comes back if it is wrong.
"""

import contextlib
import subprocess
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django_crontab.crontab import Crontab
from django_crontab.management.commands import crontab


class Command(crontab.Command):
    help = (
        "Add, show or remove the scheduled jobs in this user's crontab. “run” is for cron itself."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["subcommand"] == "show":
            self._show()
        elif options["subcommand"] == "run":
            close_log()
            super().handle(*args, **options)
        else:
            self._change(*args, **options)

    def _change(self, *args: Any, **options: Any) -> None:
        """Add or remove the jobs; on failure restore the old crontab and raise CommandError."""
        before = crontab_lines()
        # when it talks, it looks up jobs that are no longer in CRONJOBS, and fails
        options["verbosity"] = 0
        super().handle(*args, **options)
        after = crontab_lines()
        wanted = len(settings.CRONJOBS) if options["subcommand"] == "add" else 0
        if len(ours(after)) != wanted or others(after) != others(before):
            write_crontab(before)
            raise CommandError(
                f"cron has {len(ours(after))} jobs instead of {wanted}. Restored the old crontab."
            )
        self.stdout.write(f"The crontab has {wanted} jobs of this portal.")

    def _show(self) -> None:
        lines = ours(crontab_lines())
        for line in lines:
            time, job = " ".join(line.split()[:5]), line.partition(" crontab run ")[2].split()[0]
            self.stdout.write(f"{time:<14} {words_of(job)}")
        if len(lines) != len(settings.CRONJOBS):
            self.stdout.write(
                f"{len(lines)} of the {len(settings.CRONJOBS)} scheduled jobs are in the crontab. "
                "Run `manage.py crontab add`."
            )


def close_log() -> None:
    """Make cron's log unreadable for others, since it can contain emails."""
    with contextlib.suppress(OSError):  # it is another user's, or this is no job of cron's
        settings.CRON_LOG.chmod(0o600)


def words_of(job: str) -> str:
    """Return the command behind a job's hash in the crontab."""
    try:
        return " ".join(Crontab()._Crontab__get_job_by_hash(job)[2])
    except RuntimeError:
        return "no longer in the settings, run `manage.py crontab add`"


def crontab_lines() -> list[str]:
    """Return this user's crontab, [] if there is none."""
    listed = subprocess.run([_executable(), "-l"], capture_output=True, text=True, check=False)  # noqa: S603
    return listed.stdout.splitlines() if listed.returncode == 0 else []


def write_crontab(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    subprocess.run([_executable(), "-"], input=text, text=True, check=True)  # noqa: S603


def ours(lines: list[str]) -> list[str]:
    return [line for line in lines if line.endswith(f"# {settings.CRONTAB_COMMENT}")]


def others(lines: list[str]) -> list[str]:
    return [line for line in lines if line not in ours(lines)]


def _executable() -> str:
    return getattr(settings, "CRONTAB_EXECUTABLE", "/usr/bin/crontab")
