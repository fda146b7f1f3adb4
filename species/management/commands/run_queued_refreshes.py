"""The queue runner, for cron: take queued refreshes in order, look after the schedule, enrich what
was left over.
"""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from species.models import Dataset, RefreshRun, RunnerHeartbeat, RunState, SavedSelection
from species.refresh import run_state, schedule, sync
from species.refresh.fetch.errors import printable
from species.refresh.lock import Locked, holds_lock, refresh_lock
from species.refresh.options import BadOptions, Options
from species.refresh.stop_signals import handle_stop_signals
from species.refresh.taxonomy.enrich import is_waiting, run_enrichment
from species.terms import Source
from users import mails

SECONDS_BETWEEN_BEATS = 60.0
# Less than the five minutes between two rounds: the lock is free now and then for a refresh by
# hand.
ENRICHMENT_SECONDS = 240.0


class Command(BaseCommand):
    help = (
        "Run refreshes queued in the admin, then finish pending updates "
        "from WoRMS. Prints nothing when busy or idle."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        RunnerHeartbeat.beat()
        self.beat_at = time.monotonic()
        self.send_mails()
        try:
            with handle_stop_signals(), refresh_lock():
                failed = self.work()
        except Locked:
            return  # another run is active; the queue waits for the next round
        if failed:
            raise CommandError(
                f"{len(failed)} run(s) failed: {', '.join(str(run.pk) for run in failed)}."
            )

    def send_mails(self) -> None:
        """Send emails before waiting for the lock, which a long refresh may have."""
        sent, failed = mails.send_due()
        if sent or failed:
            self.say(f"Unsent mail: {sent} sent or no longer needed, {failed} failed again.")

    def work(self) -> list[RefreshRun]:
        """Execute one round, under the lock; return the failed runs."""
        note_abandoned()
        now = timezone.now()
        schedule.record_missed(now)
        schedule.notify_admins()
        schedule.queue_retries(now)
        SavedSelection.objects.purge(now)
        failed = []
        while run := RefreshRun.objects.queued().first():
            if not self.succeeds(run):
                failed.append(run)
            if not holds_lock():
                return failed
        schedule.notify_admins()
        if holds_real_data() and is_waiting():
            self.say(str(run_enrichment(say=self.say, feed=False, most_seconds=ENRICHMENT_SECONDS)))
        return failed

    def succeeds(self, run: RefreshRun) -> bool:
        self.say(f"{run}, asked for by {run.requested_by or 'nobody known'}")
        try:
            options = Options.from_dict(run.options)
            sync.run_refresh(run, options, sync.Reporter(say=self.say, on_page=self.beat))
        except (
            BadOptions
        ) as error:  # only a row written past the form; without this it would block the queue
            run_state.fail_run(run, str(error))
            self.say(str(error))
            return False
        except run_state.Stopped as error:
            self.say(str(error))
            return False
        return True

    def beat(self, *args: Any) -> None:
        """Update the time at which the admin last saw the runner."""
        if time.monotonic() - self.beat_at >= SECONDS_BETWEEN_BEATS:
            self.beat_at = time.monotonic()
            RunnerHeartbeat.beat()

    def say(self, sentence: Any, *more: Any) -> None:
        self.stdout.write(printable(str(sentence), 1_000))


def note_abandoned() -> None:
    """Mark running runs as failed: we have the lock, so they were killed."""
    abandoned = list(RefreshRun.objects.filter(state=RunState.RUNNING))
    sync.fail_abandoned_runs(RefreshRun())
    for run in abandoned:
        run.notes = [
            *run.notes,
            "Its process stopped. The next run continues from the last committed page.",
        ]
        run.save(update_fields=["notes"])


def holds_real_data() -> bool:
    """Return whether there are records other than demonstration data."""
    return (
        Dataset.objects.exclude(source=Source.DEMONSTRATION).filter(published_count__gt=0).exists()
    )
