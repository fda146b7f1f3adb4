"""Clean stored records again by the current rules, from the records as received.

Each batch of a dataset is a transaction. Rows know the version of their rules, so a stopped run
continues where it ended. The caller must hold the refresh lock.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from species.density.maintain import EVERY, maintain_densities
from species.models import (
    BlockedKey,
    ChangeKind,
    CuratedObservation,
    Dataset,
    DatasetVisit,
    DatasetWalk,
    DataVersion,
    RefreshScope,
    RejectedRecord,
)
from species.refresh import payload
from species.refresh.clean.clean_record import clean_record
from species.refresh.clean.incoming import read_incoming
from species.refresh.clean.licences import read_license
from species.refresh.fetch.errors import DatasetFault
from species.refresh.records import LOOKED_UP_TERMS, IncomingRecord, Rejection
from species.refresh.recuration import Options, Recuration
from species.refresh.restore import refused_batches, restore_batch
from species.refresh.storage import write_in_halves
from species.refresh.write.licences import relicense_dataset
from species.refresh.write.load import AcceptedRecord, copy_arriving, create_temporary_tables
from species.refresh.write.publish import HISTORY_COLUMNS, publish_rows, withdraw_rows
from species.refresh.write.rejects import RejectedEntry, write_rejected
from species.refresh.write.target import ImportTarget
from species.rules import RULE_SET_VERSION
from species.terms import Finding, Source

COMPARED = (*HISTORY_COLUMNS, "record_license_uri")
# sightings of the portal's own were not received from anywhere
RECURATED = (Source.OBIS, Source.DEMONSTRATION)

HELD = "FROM arriving s JOIN species_curatedobservation o ON o.key = s.key AND o.dataset_id = %(dataset)s"
REFUSED = """
    %(reason)s AS reason FROM species_curatedobservation o
    WHERE o.dataset_id = %(dataset)s AND o.withdrawn_at IS NULL AND o.key = ANY(%(keys)s::uuid[])
"""


def count_outdated(options: Options) -> int:
    """Return how many stored records were made by other rules than the current ones."""
    rows = CuratedObservation.objects.filter(
        withdrawn_at=None, dataset__in=recurated_datasets(options)
    )
    return rows.exclude(rule_set_version=RULE_SET_VERSION).count()


def recurate(options: Options) -> Recuration:
    """Clean outdated and formerly rejected records again; return the counts."""
    counts = Recuration()
    with connection.cursor() as cursor:
        create_temporary_tables(cursor)
    for dataset in recurated_datasets(options):
        with commit_step(counts, options):
            reread_license(dataset, counts)
        if (target := target_of(dataset)) is None:
            continue
        for rows in outdated_batches(dataset, options.batch):
            with commit_step(counts, options):
                recurate_batch(target, rows, counts)
        for rejects in refused_batches(dataset, options.batch):
            with commit_step(counts, options):
                restore_refused(target, rejects, counts)
    if counts.untended and not options.dry_run:
        maintain_densities(options.say)
    return counts


def recurated_datasets(options: Options) -> list[Dataset]:
    """Return the datasets with received records, or the chosen one."""
    chosen = Dataset.objects.filter(source__in=RECURATED).order_by("pk")
    return list(chosen.filter(uuid=options.dataset) if options.dataset else chosen)


@contextmanager
def commit_step(counts: Recuration, options: Options) -> Iterator[None]:
    """Commit a step, with a new data version if readers see it; roll it back in a dry run."""
    before = counts.published
    with transaction.atomic():
        yield
        news = counts.published - before
        if news:
            DataVersion.advance()
        if options.dry_run:
            transaction.set_rollback(True)
    counts.untended += news
    if counts.untended >= EVERY and not options.dry_run:
        maintain_densities(options.say)
        counts.untended = 0
    options.on_batch(counts)


def target_of(dataset: Dataset) -> ImportTarget | None:
    """Return the target for the writers; None for a dataset that was never imported."""
    visits = DatasetVisit.objects.filter(dataset=dataset, run__scope__isnull=False).select_related(
        "run__scope"
    )
    visit = visits.order_by("-run__scope__is_standing", "-pk").first()
    scope = visit.run.scope if visit else RefreshScope.objects.filter(parameters={}).first()
    if scope is None:
        return None
    return ImportTarget(
        run_id=None,
        dataset=dataset,
        walk=DatasetWalk(
            dataset=dataset, scope=scope, is_staged=False, rule_set_version=RULE_SET_VERSION
        ),
        now=timezone.now(),
        clean=partial(clean_record, keep=True),
        shares_ids=dataset.shares_occurrence_ids,
        has_blocked_keys=BlockedKey.objects.exists(),
    )


def reread_license(dataset: Dataset, counts: Recuration) -> None:
    """Read the licence of a dataset again from its text."""
    reading = read_license(dataset.license_as_given)
    if (dataset.license, dataset.license_uri) == reading:
        return
    is_other_class = dataset.license != reading.license
    dataset.license, dataset.license_uri = reading
    dataset.save(update_fields=["license", "license_uri"])
    if is_other_class:
        relicense_dataset(dataset, timezone.now(), None, ChangeKind.RULES)
    counts.datasets_relicensed += 1


def outdated_batches(dataset: Dataset, size: int) -> Iterator[list[tuple]]:
    """Yield batches of (id, key, OBIS id, findings, packed record or None) made by other rules."""
    last = 0
    while True:
        rows = CuratedObservation.objects.filter(
            dataset=dataset, withdrawn_at=None, pk__gt=last
        ).order_by("pk")
        rows = rows.exclude(rule_set_version=RULE_SET_VERSION)
        batch = list(
            rows.values_list("pk", "key", "obis_id", "findings", "received__payload")[:size]
        )
        if not batch:
            return
        last = batch[-1][0]
        yield batch


def recurate_batch(target: ImportTarget, rows: list[tuple], counts: Recuration) -> None:
    """Clean a batch again; a record of which the database refuses a value is left as it is."""
    for part in write_in_halves(rows, partial(write_batch, target), count_unusable):
        counts.add(part)


def count_unusable(_row: tuple) -> Recuration:
    """Return the counts of one record that cannot be stored."""
    return Recuration(examined=1, unusable=1)


def restore_refused(
    target: ImportTarget, rejects: list[RejectedRecord], counts: Recuration
) -> None:
    """Publish rejected records that the current rules accept and the database can store."""
    for number in write_in_halves(rejects, partial(restore_batch, target), lambda _: 0):
        counts.restored += number


def write_batch(target: ImportTarget, rows: Sequence[tuple]) -> Recuration:
    """Write the records as the current rules make them, under their keys; return the counts."""
    counts = Recuration()
    accepted: list[AcceptedRecord] = []
    rejected: list[RejectedEntry] = []
    for _, key, obis_id, findings, packed in rows:
        counts.examined += 1
        if record := unpack_received(target.dataset, key, obis_id, packed, counts):
            record.finding = findings & Finding.OCCURRENCE_ID_SHARED  # not found by cleaning
            result = clean_record(record, keep=False)  # the record as received is kept already
            if isinstance(result, Rejection):
                rejected.append((record, result))
            else:
                accepted.append(AcceptedRecord(record, result, only_rules_differ=True))
    with connection.cursor() as cursor:
        if accepted:
            write_accepted(cursor, accepted, target, counts)
        write_rejected(cursor, rejected, target)
        withdraw_rejected(cursor, rejected, target, counts)
    return counts


def unpack_received(
    dataset: Dataset, key: UUID, obis_id: UUID | None, packed: Any, counts: Recuration
) -> IncomingRecord | None:
    """Return the record as received, under its key; None if it was not kept."""
    if packed is None:
        counts.not_kept += 1
        return None
    try:
        record = read_incoming(payload.unpack_record(packed), dataset.uuid)
    except (ValueError, DatasetFault):
        counts.unusable += 1
        return None
    record.key, record.obis_id = key, obis_id or record.obis_id
    return record


def write_accepted(
    cursor, accepted: list[AcceptedRecord], target: ImportTarget, counts: Recuration
) -> None:
    """Publish the rows that differ, and set the version of the rules on the others."""
    copy_arriving(cursor, accepted, target.dataset)
    values = {"dataset": target.dataset.pk}
    looked_up = ", ".join(f"{name} = o.{name}" for name in LOOKED_UP_TERMS)
    cursor.execute(
        f"UPDATE arriving s SET {looked_up} FROM species_curatedobservation o"  # noqa: S608
        " WHERE o.key = s.key AND o.dataset_id = %(dataset)s",
        values,
    )
    any_differs = " OR ".join(map(sql_differs, COMPARED))
    cursor.execute(
        f"""
        WITH equal AS (
            DELETE FROM arriving s USING species_curatedobservation o
            WHERE o.key = s.key AND o.dataset_id = %(dataset)s AND NOT ({any_differs})
            RETURNING o.id, s.content_hash, s.rule_set_version)
        UPDATE species_curatedobservation o
        SET content_hash = equal.content_hash, rule_set_version = equal.rule_set_version
        FROM equal WHERE o.id = equal.id
        """,  # noqa: S608
        values,
    )
    confirmed = cursor.rowcount
    counts.confirmed += confirmed
    counts.changed += len(accepted) - confirmed
    if len(accepted) > confirmed:
        publish_changed(cursor, target, counts)


def publish_changed(cursor, target: ImportTarget, counts: Recuration) -> None:
    """Publish the rows left in `arriving` with their received records; count changed columns."""
    values = {"dataset": target.dataset.pk}
    each = ", ".join(f"count(*) FILTER (WHERE {sql_differs(name)})" for name in COMPARED)
    cursor.execute(f"SELECT {each} {HELD}", values)
    counts.columns += Counter(dict(zip(COMPARED, cursor.fetchone(), strict=True)))
    cursor.execute(
        "UPDATE arriving s SET payload = r.payload FROM species_curatedobservation o"
        " JOIN species_recordasreceived r ON r.observation_id = o.id"
        " WHERE o.key = s.key AND o.dataset_id = %(dataset)s",
        values,
    )
    publish_rows(cursor, "arriving", target.dataset.pk, target.walk.scope.pk, None, target.now)


def sql_differs(name: str) -> str:
    """Return the SQL condition that a column differs between `arriving` s and the row o."""
    return f"(o.{name}::text IS DISTINCT FROM s.{name}::text)"


def withdraw_rejected(
    cursor, rejected: list[RejectedEntry], target: ImportTarget, counts: Recuration
) -> None:
    """Withdraw the rows of records that the current rules reject."""
    keys = defaultdict(list)
    for record, rejection in rejected:
        keys[rejection.reason].append(str(record.key))
    for reason, its_keys in keys.items():
        values = {"reason": reason, "keys": its_keys}
        number = withdraw_rows(
            cursor, REFUSED, target.dataset.pk, None, target.now, values, ChangeKind.RULES
        )
        counts.withdrawn += number
        counts.reasons[reason] += number
    if rejected:
        Dataset.objects.filter(pk=target.dataset.pk).update(
            rejected_count=F("rejected_count") + len(rejected)
        )
