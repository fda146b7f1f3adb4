"""What a visitor should know of the refresh: a run that failed, one that was missed, one that stopped."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from species.models import RefreshRun, RunState
from species.refresh.lock import is_locked
from species.refresh.schedule import ScheduleHealth


def problems(schedule: list[ScheduleHealth]) -> list[str]:
    """Sentences, the schedule's first; empty when all is well, or when the portal was never refreshed."""
    red = [health for health in schedule if health.is_red]
    newest = RefreshRun.objects.filter(is_dry_run=False).exclude(state=RunState.QUEUED).newest_first().first()
    found = [str(health) for health in red]
    if newest and newest not in [health.run for health in red]:
        found += fault_of(newest)
    shown = _("What is shown is the last complete state.")
    return [f"{sentence} {shown}" for sentence in found]


def fault_of(run: RefreshRun) -> list[str]:
    """What is wrong with a run, in one sentence or none; a running one that holds no lock was killed."""
    began = {"day": date_format(run.started_at or run.queued_at, "DATE_FORMAT")}
    if run.state == RunState.FAILED:
        return [_("The last refresh, of %(day)s, failed.") % began]
    if run.state == RunState.RUNNING and not is_locked():
        return [_("The refresh that began on %(day)s has stopped midway.") % began]
    return []
