"""The box at the top of the admin that says how the refresh is doing."""

from datetime import timedelta

from django import template
from django.utils import timezone

from species.models import Dataset, RefreshRun, RunnerHeartbeat, RunState
from species.refresh.lock import is_locked
from species.refresh.schedule import schedule_health

register = template.Library()
SILENCE = timedelta(minutes=15)  # the runner comes every five
MOST_HELD_BACK = 5


@register.inclusion_tag("admin/species/refresh_status.html")
def refresh_status() -> dict[str, object]:
    """The queue runner, the schedule, what runs and waits, and what waits for a decision."""
    beat = RunnerHeartbeat.objects.first()
    return {
        "seen_at": beat and beat.seen_at,
        "is_silent": beat is None or timezone.now() - beat.seen_at > SILENCE,
        "is_busy": is_locked(),
        "running": RefreshRun.objects.filter(state=RunState.RUNNING).order_by("-pk").first(),
        "queued": RefreshRun.objects.queued().count(),
        "schedule": schedule_health(),
        "held_back": Dataset.objects.exclude(held_back="").order_by("pk")[:MOST_HELD_BACK],
    }
