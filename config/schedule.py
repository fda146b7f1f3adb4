"""When the portal's commands run, in the form that django-crontab reads."""

import re

from django.core.exceptions import ImproperlyConfigured

from config import env

# variable: (default time in UTC, the command). A scheduled refresh waits for the lock instead of
# being skipped. It is never told --yes, so that no timer confirms by itself what a person should
# (see MAX_UNCONFIRMED_RECORDS).
JOBS = {
    "SCHEDULE_INCREMENTAL": (
        "0 3 1 * *",
        ["refresh_obis_data", "--mode", "incremental", "--wait", "--scheduled"],
    ),
    "SCHEDULE_FULL": (
        "0 4 1 1,7 *",
        ["refresh_obis_data", "--mode", "full", "--wait", "--scheduled"],
    ),
    "SCHEDULE_QUEUE": ("*/5 * * * *", ["run_queued_refreshes"]),
    "SCHEDULE_TIDY": ("40 1 * * *", ["tidy_accounts"]),
}
FIELD = r"(\*|\d+(-\d+)?)(/\d+)?(,(\*|\d+(-\d+)?)(/\d+)?)*"
FIVE_FIELDS = re.compile(rf"{FIELD}( {FIELD}){{4}}")

CronJob = tuple[str, str, list[str]]


def cronjobs() -> list[CronJob]:
    """Return CRONJOBS. An empty variable removes its job.

    Raises ImproperlyConfigured for an invalid time.
    """
    jobs = []
    for variable, (default, command) in JOBS.items():
        time = " ".join(env.text(variable, default).split())
        if time and not FIVE_FIELDS.fullmatch(time):
            raise ImproperlyConfigured(
                f"{variable} must be five cron fields such as {default!r}, not {time!r}."
            )
        if time:
            jobs.append((time, "django.core.management.call_command", command))
    return jobs
