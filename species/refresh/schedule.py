"""Check whether scheduled refreshes run, notify operators of failures, and queue retries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from species.models import RefreshMode, RefreshRun, RunState
from species.refresh.cron_times import CronTime
from species.refresh.lock import is_locked
from species.refresh.options import Options
from species.refresh.run_state import queue_run
from users import mails

COMMAND = "refresh_obis_data"
LATE_AFTER = timedelta(minutes=30)  # cron starts within a minute; a busy machine may take longer
RETRY_AFTER = timedelta(hours=24)
MOST_RUNS = 500  # looked at since a date
# older failures are no news, e.g. when ADMINS is set for the first time
MAILED_WITHIN = timedelta(days=7)
EARLY = timedelta(minutes=1)  # the clocks of cron and of the database
# how the note begins that keeps a failure from being mailed twice
NOTIFIED = "ADMINS were told by e-mail"


@dataclass(frozen=True, slots=True)
class ScheduleHealth:
    """When a scheduled mode was last due, its state, and when it is due next."""

    mode: str
    state: str  # not yet, done, running, waiting, failed, missed
    due_at: datetime | None
    next_at: datetime | None
    run: RefreshRun | None = None

    @property
    def is_red(self) -> bool:
        """Return whether an operator should act."""
        return self.state in ("failed", "missed")

    @property
    def mode_in_words(self) -> str:
        """Return the label of the mode."""
        return str(RefreshMode(self.mode).label).lower()

    def __str__(self) -> str:
        due = {
            "due": f"{date_format(self.due_at, 'DATETIME_FORMAT')} UTC" if self.due_at else "",
            "mode": self.mode_in_words,
        }
        return {
            "not yet": _("No scheduled %(mode)s update yet."),
            "done": _("The %(mode)s update of %(due)s is done."),
            "running": _("The %(mode)s update of %(due)s is running."),
            "waiting": _("The %(mode)s update of %(due)s is about to start."),
            "failed": _("The %(mode)s update of %(due)s failed. We try again every day."),
            "missed": _("The %(mode)s update of %(due)s didn't start."),
        }[self.state] % due


def schedule_health(now: datetime | None = None) -> list[ScheduleHealth]:
    """Return the state of every scheduled mode; before the first scheduled run nothing is late."""
    now = now or timezone.now()
    began = (
        RefreshRun.objects.filter(is_scheduled=True)
        .order_by("pk")
        .values_list("queued_at", flat=True)
        .first()
    )
    return [health_of(mode, time, began, now) for mode, time in scheduled_modes()]


def scheduled_modes() -> list[tuple[str, CronTime]]:
    """Return (mode, time) of each refresh in CRONJOBS."""
    found = []
    for job in settings.CRONJOBS:
        words = list(job[2]) if len(job) > 2 and isinstance(job[2], Sequence) else []
        if words[:1] == [COMMAND]:
            mode = (
                words[words.index("--mode") + 1]
                if "--mode" in words[:-1]
                else RefreshMode.INCREMENTAL
            )
            found.append((str(mode), CronTime.from_text(job[0])))
    return found


def health_of(mode: str, time: CronTime, began: datetime | None, now: datetime) -> ScheduleHealth:
    """Return the state of one scheduled mode."""
    due, upcoming = time.last(now), time.next(now)
    if due is None or began is None or due < began - EARLY:
        return ScheduleHealth(mode, "not yet", due, upcoming)
    run = run_for(mode, due)
    if run is None:
        return ScheduleHealth(
            mode, "waiting" if may_still_start(due, now) else "missed", due, upcoming
        )
    words = {
        RunState.DONE: "done",
        RunState.RUNNING: "running",
        RunState.QUEUED: "waiting",
        RunState.FAILED: "failed",
    }
    killed = run.state == RunState.RUNNING and not is_locked()
    return ScheduleHealth(
        mode, "failed" if killed else words[RunState(run.state)], due, upcoming, run
    )


def run_for(mode: str, due: datetime) -> RefreshRun | None:
    """Return the run that counts for a date: a finished one, else the newest.

    A whole full refresh counts for both modes.
    """
    candidates = RefreshRun.objects.filter(
        mode__in={mode, RefreshMode.FULL}, queued_at__gte=due - EARLY, is_dry_run=False
    )
    runs = [
        run
        for run in candidates.order_by("-pk")[:MOST_RUNS]
        if (run.is_scheduled and run.mode == mode) or is_whole(run)
    ]
    done = [run for run in runs if run.state == RunState.DONE]
    return next(iter(done or [run for run in runs if run.mode == mode]), None)


def is_whole(run: RefreshRun) -> bool:
    """Return whether the run reads everything that a scheduled one would."""
    return not {"taxon_ids", "dataset_ids", "geometry", "pages", "by"} & set(run.options)


def may_still_start(due: datetime, now: datetime) -> bool:
    """Return whether the run is just due, or waits for the lock of another one."""
    patience = timedelta(seconds=settings.LOCK_WAIT_SECONDS)
    running = RefreshRun.objects.filter(state=RunState.RUNNING).exists()
    return now - due < LATE_AFTER or (running and now - due < patience)


def record_missed(now: datetime) -> list[RefreshRun]:
    """Record scheduled runs that never started as failed, so that they are reported and retried."""
    return [
        RefreshRun.objects.create(
            mode=health.mode,
            options=Options.from_dict({"mode": health.mode}).to_dict(),
            state=RunState.FAILED,
            is_scheduled=True,
            requested_by="schedule",
            finished_at=health.due_at,
            error=f"It was due on {health.due_at:%-d %B %Y %H:%M} UTC and never started.",
            notes=[
                "Entered by the queue runner: cron, or the whole machine, was not running then."
            ],
        )
        for health in schedule_health(now)
        if health.state == "missed"
    ]


def notify_admins() -> list[RefreshRun]:
    """Email ADMINS about each failed scheduled run, once; return those runs."""
    told: list[RefreshRun] = []
    if not settings.ADMINS:
        return told
    recent = timezone.now() - MAILED_WITHIN
    failed = RefreshRun.objects.filter(
        is_scheduled=True, state=RunState.FAILED, queued_at__gte=recent
    )
    for run in failed.order_by("pk"):
        if any(note.startswith(NOTIFIED) for note in run.notes):
            continue
        is_sent = mails.tell_operators("species/email/refresh_failed", run_number=run.pk)
        how = "on" if is_sent else "as soon as the mail server takes it; kept on"
        run.notes = [*run.notes, f"{NOTIFIED} {how} {timezone.now():%-d %B %Y}."]
        run.save(update_fields=["notes"])
        told.append(run)
    return told


def queue_retries(now: datetime) -> list[RefreshRun]:
    """Queue failed scheduled runs again, a day after the last attempt; return the new runs."""
    queued = []
    for health in schedule_health(now):
        if health.state == "failed" and health.run and now - end_time(health.run) >= RETRY_AFTER:
            options = Options.from_dict({"mode": health.mode})
            queued.append(queue_run(options, "schedule, tried again", is_scheduled=True))
    return queued


def end_time(run: RefreshRun) -> datetime:
    """Return when the run ended, or the latest time known of it."""
    return run.finished_at or run.started_at or run.queued_at
