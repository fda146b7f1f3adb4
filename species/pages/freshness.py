"""What a visitor should know of the refresh: a run that failed, one that was missed, one that stopped."""

from datetime import datetime, timedelta

from django.db.models import Max

from species.models import RefreshRun, RunState

LONGEST_PAUSE = timedelta(days=33)  # the monthly refresh, with the retry of the next day and a run of a day
SILENCE = timedelta(hours=1)  # a run that is alive says so far more often


def problems(now: datetime) -> list[str]:
    """Sentences, the gravest first; empty when all is well, or when the portal was never refreshed."""
    runs = RefreshRun.objects.filter(is_dry_run=False)
    newest = runs.exclude(state=RunState.QUEUED).order_by("-pk").first()
    if newest is None:
        return []
    found = []
    done = runs.filter(state=RunState.DONE).aggregate(at=Max("finished_at"))["at"]
    if newest.state == RunState.FAILED:
        when = newest.finished_at or newest.started_at or newest.queued_at
        found.append(f"The last refresh, on {when:%-d %B %Y}, failed. What is shown is the last complete state.")
    elif newest.state == RunState.RUNNING and newest.seen_at and now - newest.seen_at > SILENCE:
        found.append(f"A refresh that began on {newest.started_at or newest.queued_at:%-d %B %Y} has stopped midway.")
    if done is None or now - done > LONGEST_PAUSE:
        since = f"since {done:%-d %B %Y}" if done else "yet"
        found.append(f"No refresh has succeeded {since}: at least one was missed.")
    return found
