"""Held datasets that a run does not visit: OBIS lists them no longer, or not within the portal's
scope.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from species.models import (
    CuratedObservation,
    Dataset,
    DatasetVisit,
    DataVersion,
    RefreshMode,
    RefreshRun,
)
from species.refresh.fetch.obis import UnknownTerm
from species.refresh.import_dataset import state_upstream, walk_dataset
from species.refresh.publish_dataset import OUTSIDE
from species.refresh.run_context import Errand
from species.refresh.write.publish import withdraw

UNPUBLISH_AFTER = timedelta(days=1)
UNLISTED = "dataset_unpublished"
ALL_HELD = """%(reason)s AS reason FROM species_curatedobservation o
              WHERE o.dataset_id = %(dataset)s AND o.withdrawn_at IS NULL"""
OF_THE_PORTALS_SCOPES = " AND o.scope_id IN (SELECT id FROM species_refreshscope WHERE is_standing)"


def settle_missing(dataset: Dataset, errand: Errand) -> DatasetVisit | None:
    """A held dataset that OBIS no longer lists: refreshed if it still answers records, in time
    unpublished if not.
    """
    if still_answers(dataset, errand):
        Dataset.objects.filter(pk=dataset.pk).update(missing_since=None)
        differs = state_upstream(dataset, errand) != dataset.refreshed_state
        return walk_dataset(dataset, errand) if differs else None
    return settle_gone(dataset, errand)


def settle_gone(dataset: Dataset, errand: Errand) -> DatasetVisit | None:
    """A held dataset that OBIS neither lists nor answers: kept for a day, then unpublished."""
    now = timezone.now()
    if dataset.missing_since is None:
        Dataset.objects.filter(pk=dataset.pk).update(missing_since=now)
        errand.note(
            f"{dataset.title}: OBIS lists it no longer and answers no records; it is kept for now."
        )
    elif now - dataset.missing_since >= UNPUBLISH_AFTER and errand.is_standing:
        return unpublish(dataset, errand, now)
    return None


def still_answers(dataset: Dataset, errand: Errand) -> bool:
    """Whether OBIS has records of a dataset that it does not list."""
    try:
        return errand.obis.count(str(dataset.uuid)) > 0
    except UnknownTerm:
        return False


def unpublish(dataset: Dataset, errand: Errand, now: datetime) -> DatasetVisit:
    with transaction.atomic():
        visit = take_down(dataset, errand, now, ALL_HELD, UNLISTED, "unpublished")
        dataset.walks.all().delete()  # an empty state that waited to be accepted waits no longer
        Dataset.objects.filter(pk=dataset.pk).update(
            unpublished_at=now, refreshed_state="", held_back=""
        )
    errand.note(
        f"{dataset.title}: gone from OBIS for more than a day; {visit.withdrawn:,} records were withdrawn."
    )
    return visit


def settle_outside(dataset: Dataset, errand: Errand) -> DatasetVisit | None:
    """A held dataset that OBIS does not list within the portal's scope: gone from OBIS, or the
    scope was narrowed.

    What lies outside a narrowed scope is withdrawn by a full run if the operator agreed, else told.
    """
    if not still_answers(dataset, errand) and errand.obis.dataset(str(dataset.uuid)) is None:
        return settle_gone(dataset, errand)
    if dataset.missing_since:
        Dataset.objects.filter(pk=dataset.pk).update(missing_since=None)
    if errand.run.mode != RefreshMode.FULL:
        return None
    if errand.may_narrow:
        return take_down(
            dataset, errand, timezone.now(), ALL_HELD + OF_THE_PORTALS_SCOPES, OUTSIDE, "outside"
        )
    held = CuratedObservation.objects.filter(
        dataset=dataset, withdrawn_at=None, scope__is_standing=True
    ).count()
    if held:
        errand.note(
            f"{dataset.title}: {held:,} records lie outside the portal's scope now; --yes withdraws them."
        )
    return None


def take_down(
    dataset: Dataset, errand: Errand, now: datetime, condition: str, reason: str, outcome: str
) -> DatasetVisit:
    """Withdraw what meets the condition, and enter it into the books."""
    with transaction.atomic(), connection.cursor() as cursor:
        gone = withdraw(cursor, condition, dataset.pk, errand.run.pk, now, {"reason": reason})
        visit, _ = DatasetVisit.objects.get_or_create(run=errand.run, dataset=dataset)
        visit.withdrawn, visit.outcome = gone, outcome
        visit.reasons = {f"withdrawn: {reason}": gone} if gone else {}
        visit.save()
        RefreshRun.objects.filter(pk=errand.run.pk).update(withdrawn=F("withdrawn") + gone)
        if gone:
            DataVersion.advance()
    return visit
