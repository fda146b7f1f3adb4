"""Handle stored datasets that OBIS no longer lists, or lists outside the portal's scope."""

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
from species.refresh.import_dataset import fetch_state, import_dataset
from species.refresh.publish_dataset import OUTSIDE
from species.refresh.run_context import RunContext
from species.refresh.write.publish import withdraw_rows

UNPUBLISH_AFTER = timedelta(days=1)
UNLISTED = "dataset_unpublished"
ALL_HELD = """%(reason)s AS reason FROM species_curatedobservation o
              WHERE o.dataset_id = %(dataset)s AND o.withdrawn_at IS NULL"""
OF_THE_PORTALS_SCOPES = " AND o.scope_id IN (SELECT id FROM species_refreshscope WHERE is_standing)"


def handle_unlisted(dataset: Dataset, context: RunContext) -> DatasetVisit | None:
    """Import a dataset that still has records at OBIS; else unpublish it after a day."""
    if still_has_records(dataset, context):
        Dataset.objects.filter(pk=dataset.pk).update(missing_since=None)
        differs = fetch_state(dataset, context) != dataset.refreshed_state
        return import_dataset(dataset, context) if differs else None
    return handle_gone(dataset, context)


def handle_gone(dataset: Dataset, context: RunContext) -> DatasetVisit | None:
    """Keep a dataset without records at OBIS for a day, then unpublish it."""
    now = timezone.now()
    if dataset.missing_since is None:
        Dataset.objects.filter(pk=dataset.pk).update(missing_since=now)
        context.note(
            f"{dataset.title}: OBIS lists it no longer and answers no records; it is kept for now."
        )
    elif now - dataset.missing_since >= UNPUBLISH_AFTER and context.is_standing:
        return unpublish_dataset(dataset, context, now)
    return None


def still_has_records(dataset: Dataset, context: RunContext) -> bool:
    """Return whether OBIS has records of a dataset that it does not list."""
    try:
        return context.obis.count(str(dataset.uuid)) > 0
    except UnknownTerm:
        return False


def unpublish_dataset(dataset: Dataset, context: RunContext, now: datetime) -> DatasetVisit:
    """Withdraw all records of a dataset and return the visit."""
    with transaction.atomic():
        visit = withdraw_dataset(dataset, context, now, ALL_HELD, UNLISTED, "unpublished")
        dataset.walks.all().delete()  # an empty state that waited to be accepted waits no longer
        Dataset.objects.filter(pk=dataset.pk).update(
            unpublished_at=now, refreshed_state="", held_back=""
        )
    context.note(
        f"{dataset.title}: gone from OBIS for more than a day; {visit.withdrawn:,} records were withdrawn."
    )
    return visit


def handle_outside_scope(dataset: Dataset, context: RunContext) -> DatasetVisit | None:
    """Handle a dataset that is not listed in the portal's scope: gone, or the scope was narrowed.

    A full run withdraws its records with `--yes`, and otherwise reports them.
    """
    if not still_has_records(dataset, context) and context.obis.dataset(str(dataset.uuid)) is None:
        return handle_gone(dataset, context)
    if dataset.missing_since:
        Dataset.objects.filter(pk=dataset.pk).update(missing_since=None)
    if context.run.mode != RefreshMode.FULL:
        return None
    if context.may_narrow:
        return withdraw_dataset(
            dataset, context, timezone.now(), ALL_HELD + OF_THE_PORTALS_SCOPES, OUTSIDE, "outside"
        )
    held = CuratedObservation.objects.filter(
        dataset=dataset, withdrawn_at=None, scope__is_standing=True
    ).count()
    if held:
        context.note(
            f"{dataset.title}: {held:,} records lie outside the portal's scope now; --yes withdraws them."
        )
    return None


def withdraw_dataset(
    dataset: Dataset, context: RunContext, now: datetime, condition: str, reason: str, outcome: str
) -> DatasetVisit:
    """Withdraw the rows that meet the condition, and return the visit with their number."""
    with transaction.atomic(), connection.cursor() as cursor:
        gone = withdraw_rows(cursor, condition, dataset.pk, context.run.pk, now, {"reason": reason})
        visit, _ = DatasetVisit.objects.get_or_create(run=context.run, dataset=dataset)
        visit.withdrawn, visit.outcome = gone, outcome
        visit.reasons = {f"withdrawn: {reason}": gone} if gone else {}
        visit.save()
        RefreshRun.objects.filter(pk=context.run.pk).update(withdrawn=F("withdrawn") + gone)
        if gone:
            DataVersion.advance()
    return visit
