"""Publish records that earlier rules rejected and the current ones accept.

Only records that OBIS still had at the last complete import are restored.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F

from species.models import CuratedObservation, Dataset, DatasetVisit, RejectedRecord
from species.refresh import payload
from species.refresh.clean.incoming import read_incoming
from species.refresh.fetch.errors import DatasetFault
from species.refresh.records import IncomingRecord, Rejection
from species.refresh.taxonomy.vernaculars import count_names_used
from species.refresh.write.load import AcceptedRecord, copy_arriving
from species.refresh.write.publish import publish_rows
from species.refresh.write.rejects import PURGED, find_blocked_keys
from species.refresh.write.target import ImportTarget
from species.rules import RULES

REFUSALS = {rule.code for rule in RULES if rule.effect == "rejected"} - {PURGED}
# Rejections for these reasons may have kept only a part of the record.
NOT_WHOLE = {
    *(
        "not_an_object",
        "unreadable",
        "repeated_keys",
        "record_too_large",
        "nested_too_deeply",
        "other_dataset",
    ),
    "not_storable",
}
WHOLE_WALKS = ("complete", "accepted")


def refused_batches(dataset: Dataset, size: int) -> Iterator[list[RejectedRecord]]:
    """Yield batches of the rejected records that the dataset still had."""
    since = last_walk_began(dataset)
    rows = RejectedRecord.objects.filter(dataset=dataset, reason__in=REFUSALS - NOT_WHOLE).order_by(
        "pk"
    )
    rows, last = (rows.filter(last_seen__gte=since) if since else rows), 0
    while batch := list(rows.filter(pk__gt=last)[:size]):
        last = batch[-1].pk
        yield batch


def last_walk_began(dataset: Dataset) -> datetime | None:
    """Return when the last complete import of the dataset began; None if there was none."""
    visit = (
        DatasetVisit.objects.filter(dataset=dataset, outcome__in=WHOLE_WALKS)
        .select_related("run")
        .order_by("pk")
    )
    run = found.run if (found := visit.last()) else None
    return (run.chain_began_at or run.started_at) if run else None


def restore_batch(target: ImportTarget, rejects: Sequence[RejectedRecord]) -> int:
    """Publish those of the records that the current rules accept; return how many."""
    accepted: dict[UUID, tuple[AcceptedRecord, RejectedRecord]] = {}
    for row in sorted(rejects, key=lambda row: row.last_seen):
        if (record := unpack_received(target, row)) is None:
            continue
        result = target.clean(record)
        if not isinstance(result, Rejection):
            accepted[row.key] = AcceptedRecord(record, result, only_rules_differ=True), row
    for key in occupied_keys(target.dataset, list(accepted)) | find_blocked_keys(list(accepted)):
        del accepted[key]
    if accepted:
        publish_restored(target, list(accepted.values()))
    return len(accepted)


def unpack_received(target: ImportTarget, row: RejectedRecord) -> IncomingRecord | None:
    """Return the record as received, under its key; None if it cannot be read."""
    try:
        record = read_incoming(payload.unpack_record(row.payload), target.dataset.uuid)
    except (ValueError, DatasetFault):
        return None
    record.key = row.key
    return record


def occupied_keys(dataset: Dataset, keys: list[UUID]) -> set[UUID]:
    """Return the keys whose rows are published, or were withdrawn for another reason."""
    held = CuratedObservation.objects.filter(dataset=dataset, key__in=keys)
    return set(held.exclude(withdrawal_reason__in=REFUSALS).values_list("key", flat=True))


def publish_restored(
    target: ImportTarget, restored: list[tuple[AcceptedRecord, RejectedRecord]]
) -> None:
    """Write the rows with the dates on which they were rejected, as their return is no news."""
    rows = {row.key: row for _, row in restored}
    held = CuratedObservation.objects.filter(dataset=target.dataset, key__in=rows)
    new = rows.keys() - set(held.values_list("key", flat=True))
    with connection.cursor() as cursor:
        accepted = [record for record, _ in restored]
        names = ((clean.taxon.aphia_id, clean.vernacular_name) for _, clean, _ in accepted)
        count_names_used(names)
        copy_arriving(cursor, accepted, target.dataset)
        publish_rows(cursor, "arriving", target.dataset.pk, target.walk.scope.pk, None, target.now)
    for row in held.filter(key__in=new):
        row.first_seen = row.last_changed = rows[row.key].first_seen
        row.save(update_fields=["first_seen", "last_changed"])
    RejectedRecord.objects.filter(dataset=target.dataset, key__in=rows).delete()
    Dataset.objects.filter(pk=target.dataset.pk, rejected_count__gte=len(rows)).update(
        rejected_count=F("rejected_count") - len(rows)
    )
