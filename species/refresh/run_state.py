"""Record the state of a run, its failure and its totals."""

from contextlib import suppress
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Sum
from django.utils import timezone

from species.models import RefreshMode, RefreshRun, RunState, add_up
from species.refresh.options import Options
from species.refresh.stop_signals import Terminated


class Stopped(Exception):
    """The run ended without its purpose; `status` is the exit status of the command."""

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def queue_run(options: Options, requested_by: str, *, is_scheduled: bool = False) -> RefreshRun:
    """Return a new run in the queue; `run_refresh` executes it."""
    return RefreshRun.objects.create(
        mode=RefreshMode.ACCEPT if options.accept else options.mode,
        options=options.to_dict(),
        window_start=options.start_date,
        window_end=options.end_date,
        is_scheduled=is_scheduled,
        is_dry_run=options.dry_run,
        requested_by=requested_by[:200],
    )


def describe_stop(error: BaseException) -> str:
    """Return why a signal or an unexpected exception ended the run."""
    if isinstance(error, KeyboardInterrupt | Terminated):
        return f"Stopped by {'SIGINT' if isinstance(error, KeyboardInterrupt) else 'SIGTERM'}."
    return f"Stopped by {type(error).__name__}: {error}".strip(": ")


def fail_abandoned_runs(run: RefreshRun) -> None:
    """Mark all other running runs as failed: we have the lock, so they were killed."""
    RefreshRun.objects.filter(state=RunState.RUNNING).exclude(pk=run.pk).update(
        state=RunState.FAILED,
        finished_at=timezone.now(),
        error="The process ended without a word (killed, or no power).",
    )


def fail_run(run: RefreshRun, reason: str) -> None:
    """Record the failure of a run.

    If the database cannot be reached, the next run marks this one as abandoned.
    """
    # Below its first sentence PostgreSQL quotes the whole row, which is nothing for logs and
    # e-mails.
    run.error = reason.replace("\x00", "").partition("\nDETAIL:")[0].partition("\nCONTEXT:")[0]
    if not connection.in_atomic_block and not connection.is_usable():
        connection.close()  # a usable connection stays open, since it has the lock
    with suppress(DatabaseError, InterfaceError):
        RefreshRun.objects.filter(pk=run.pk).update(
            state=RunState.FAILED,
            error=run.error,
            finished_at=timezone.now(),
            notes=run.notes,
            **sum_visits(run),
        )


def check_counters(run: RefreshRun) -> None:
    """Verify the sums per dataset and in total; raise Stopped if they do not match.

    fetched = added + changed + unchanged + returned + rejected + repeated.
    """
    run.refresh_from_db(fields=[*RefreshRun.COUNTED])
    visits = run.visits.all()
    wrong = [visit for visit in visits if not visit.balanced]
    sums = visits.aggregate(**{name: Sum(name, default=0) for name in RefreshRun.COUNTED})
    differing = [name for name in RefreshRun.COUNTED if sums[name] != getattr(run, name)]
    if wrong or differing or not run.balanced:
        where = ", ".join(str(visit) for visit in wrong[:5]) or ", ".join(differing) or "the total"
        raise Stopped(f"The books do not balance: {where}.")
    RefreshRun.objects.filter(pk=run.pk).update(**sum_visits(run))


def sum_visits(run: RefreshRun) -> dict[str, Any]:
    """Return the reasons of all visits, and the counts of earlier runs that this one continues.

    `run.earlier` has the counts of datasets that need no visit in this run.
    """
    visits = list(run.visits.exclude(reasons={}, earlier={}))
    reasons = add_up({"reasons": visit.reasons} for visit in visits).get("reasons", {})
    return {
        "reasons": reasons,
        "earlier": add_up([run.earlier, *(visit.earlier for visit in visits)]),
    }
