"""Notices about refreshes that failed, were missed or stopped."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from species.models import RefreshRun, RunState
from species.refresh.lock import is_locked
from species.refresh.schedule import ScheduleHealth


def problems(schedule: list[ScheduleHealth]) -> list[str]:
    """Return the notices, those about the schedule first."""
    red = [health for health in schedule if health.is_red]
    newest = RefreshRun.objects.begun().newest_first().first()
    found = [str(health) for health in red]
    if newest and newest not in [health.run for health in red]:
        found += fault_of(newest)
    shown = _("You are seeing the last complete update.")
    stuck = (
        [names_stuck(newest)]
        if newest and newest.enrichment and newest.enrichment.get("is_stuck")
        else []
    )
    return [f"{sentence} {shown}" for sentence in found] + stuck


def names_stuck(run: RefreshRun) -> str:
    """Return the notice about a refresh that got no usable response from WoRMS."""
    day = date_format(run.started_at or run.queued_at, "DATE_FORMAT")
    return _("The update of %(day)s couldn't get names from WoRMS.") % {"day": day}


def fault_of(run: RefreshRun) -> list[str]:
    """Return the notice about a run, if any. A running one without the lock was killed."""
    began = {"day": date_format(run.started_at or run.queued_at, "DATE_FORMAT")}
    if run.state == RunState.FAILED:
        return [_("The update of %(day)s failed.") % began]
    if run.state == RunState.RUNNING and not is_locked():
        return [_("The update of %(day)s stopped midway.") % began]
    return []
