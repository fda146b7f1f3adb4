"""Write a slice of a page: compare it with the stored rows, then stage or publish the differences.

Nothing is committed here.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from species.models import Dataset
from species.refresh import hashes
from species.refresh.copy_text import format_cells
from species.refresh.records import (
    CLEANED_COLUMNS,
    LOOKED_UP_TERMS,
    CleanRecord,
    IncomingRecord,
    Rejection,
)
from species.refresh.storage import write_in_halves
from species.refresh.taxonomy import taxa
from species.refresh.taxonomy.vernaculars import count_names_used
from species.refresh.write.copy import copy_lines, copy_rows
from species.refresh.write.identity import identify
from species.refresh.write.licences import effective_license
from species.refresh.write.publish import PUBLISHED_COLUMNS, publish_rows
from species.refresh.write.rejects import (
    PURGED,
    RejectedEntry,
    find_blocked_keys,
    reject_unstorable,
    write_rejected,
)
from species.refresh.write.target import ImportTarget, Tally
from species.terms import License

# Columns that depend on more than the record itself, in the order of `format_line`.
DECIDED_COLUMNS = (
    "key", "findings", "taxon_id", "taxon_ordinal", "aphia_id_as_published", "species_name",
    "common_name", "source", "license", "only_rules_differ",
)  # fmt: skip
ARRIVAL_COLUMNS = ("n", "obis_id", "key", "content_hash", *LOOKED_UP_TERMS)


class RecordDifference(NamedTuple):
    """A record that differs from its row, and its outcome if it is accepted.

    `only_rules_differ`: the row was made from the same content by other rules.
    """

    record: IncomingRecord
    outcome: str
    only_rules_differ: bool = False


class AcceptedRecord(NamedTuple):
    """A record that will be written."""

    record: IncomingRecord
    clean: CleanRecord
    only_rules_differ: bool


def create_temporary_tables(cursor) -> None:
    """Create this connection's two temporary tables, once."""
    cursor.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS arrival (
            n integer, obis_id uuid, key uuid, content_hash uuid,
            bathymetry real, shore_distance real, sst real, sss real
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS arriving (LIKE species_stagedobservation)
            ON COMMIT DELETE ROWS;
        ALTER TABLE arriving ALTER id DROP NOT NULL, ALTER walk_id DROP NOT NULL,
            ALTER dataset_id DROP NOT NULL;
        """
    )


def load_slice(records: Sequence[IncomingRecord], target: ImportTarget) -> Tally:
    """Write records of one dataset and return their counts.

    Each is added, changed, unchanged, returned, rejected or repeated. Cleaning rejects all values
    that the database is known to refuse; a record with another one is rejected alone.
    """
    tally = Tally()
    write_refused = partial(reject_and_write, target=target)
    for part in write_in_halves(records, partial(write_records, target=target), write_refused):
        tally.add(part)
    return tally


def reject_and_write(record: IncomingRecord, target: ImportTarget) -> Tally:
    """Reject a record of which the database refuses a value. Raises DatabaseError if it was."""
    if not isinstance(record.result, Rejection):
        record.result = reject_unstorable(record)
    with transaction.atomic():
        return write_records([record], target)


def write_records(records: Sequence[IncomingRecord], target: ImportTarget) -> Tally:
    """Compare, clean and write records. Raises DatabaseError; the caller then rolls back."""
    tally = Tally()
    dataset, walk = target.dataset, target.walk
    fresh, repeated = identify(records, dataset.uuid, dataset.pk, walk.pk, target.shares_ids)
    tally.outcomes["repeated"] = repeated
    with connection.cursor() as cursor:
        differing = compare_with_rows(cursor, fresh, target, tally)
        accepted, rejected = clean_differing(differing, target)
        target.shares_ids |= any(record.finding for record in fresh)
        tally.outcomes["rejected"] += len(rejected)
        tally.reasons.update(rejection.reason for _, rejection in rejected)
        tally.outcomes.update(outcome for _, outcome in accepted)
        reasons = {record.key: rejection.reason for record, rejection in rejected}
        write_walked(cursor, fresh, reasons, target)
        write_rejected(cursor, rejected, target)
        all_new = all(outcome == "added" for _, outcome in accepted)
        rows = [row for row, _ in accepted]
        tally.is_published |= write_rows(cursor, rows, target, all_new=all_new)
    return tally


def compare_with_rows(
    cursor, records: list[IncomingRecord], target: ImportTarget, tally: Tally
) -> list[RecordDifference]:
    """Return the records that differ from their rows; count the others as unchanged."""
    cursor.execute("TRUNCATE arrival")
    lines = (
        f"{format_cells((n, record.obis_id, record.key, record.content_hash))}\t{record.looked_up}"
        for n, record in enumerate(records)
    )
    copy_lines(cursor, "arrival", ARRIVAL_COLUMNS, lines)
    cursor.execute("ANALYZE arrival")
    cursor.execute(
        """
        SELECT a.n, o.id IS NULL, o.withdrawn_at IS NOT NULL, o.content_hash = a.content_hash,
               o.content_hash::text, o.rule_set_version,
               (o.obis_id, o.bathymetry, o.shore_distance, o.sst, o.sss)
               IS DISTINCT FROM (a.obis_id, a.bathymetry, a.shore_distance, a.sst, a.sss)
        FROM arrival a
        LEFT JOIN species_curatedobservation o ON o.key = a.key AND o.dataset_id = %s
        """,
        [target.dataset.pk],
    )
    differing, attributes_differ = [], False
    for n, is_new, is_withdrawn, is_equal, row_hash, version, differs in cursor.fetchall():
        record = records[n]
        if is_new or is_withdrawn:
            differing.append(RecordDifference(record, "added" if is_new else "returned"))
        elif not is_equal:
            only_rules = UUID(row_hash) == hashes.content_hash(record.fingerprint, version)
            differing.append(
                RecordDifference(record, "unchanged" if only_rules else "changed", only_rules)
            )
        else:
            tally.outcomes["unchanged"] += 1
            attributes_differ |= differs
    if attributes_differ:
        update_attributes(cursor, target)
        tally.is_published = True
    return differing


def update_attributes(cursor, target: ImportTarget) -> None:
    """Copy OBIS's id and the values of its grids to rows that are otherwise unchanged."""
    cursor.execute(
        """
        UPDATE species_curatedobservation o
        SET obis_id = a.obis_id, bathymetry = a.bathymetry, shore_distance = a.shore_distance,
            sst = a.sst, sss = a.sss
        FROM arrival a
        WHERE o.key = a.key AND o.dataset_id = %s AND o.content_hash = a.content_hash
          AND o.withdrawn_at IS NULL
          AND (o.obis_id, o.bathymetry, o.shore_distance, o.sst, o.sss)
              IS DISTINCT FROM (a.obis_id, a.bathymetry, a.shore_distance, a.sst, a.sss)
        """,
        [target.dataset.pk],
    )


def clean_differing(
    differing: list[RecordDifference], target: ImportTarget
) -> tuple[list[tuple[AcceptedRecord, str]], list[RejectedEntry]]:
    """Return (accepted records with their outcomes, rejected records)."""
    keys = [record.key for record, _, _ in differing]
    blocked = find_blocked_keys(keys) if target.has_blocked_keys else set()
    accepted, rejected = [], []
    for record, outcome, only_rules_differ in differing:
        if record.key in blocked:
            rejected.append((record, Rejection(PURGED, None, b"")))
            continue
        record.result = result = target.clean(record)
        if isinstance(result, Rejection):
            rejected.append((record, result))
        else:
            accepted.append((AcceptedRecord(record, result, only_rules_differ), outcome))
    return accepted, rejected


def write_walked(
    cursor, records: list[IncomingRecord], reasons: dict[UUID, str], target: ImportTarget
) -> None:
    """Note which records this walk has met, and why some were rejected."""
    rows = (
        (target.walk.pk, record.obis_id, record.key, record.base, reasons.get(record.key, ""))
        for record in records
    )
    columns = ("walk_id", "obis_id", "key", "base", "reason")
    copy_rows(cursor, "species_walkedrecord", columns, rows)


def write_rows(cursor, rows: list[AcceptedRecord], target: ImportTarget, *, all_new: bool) -> bool:
    """Stage or publish the rows; return whether readers see them now."""
    if not rows:
        return False
    count_names_used((clean.taxon.aphia_id, clean.vernacular_name) for _, clean, _ in rows)
    copy_arriving(cursor, rows, target.dataset)
    dataset_id, scope_id = target.dataset.pk, target.walk.scope_id
    if target.walk.is_staged:
        columns = ", ".join(PUBLISHED_COLUMNS)
        cursor.execute(
            f"INSERT INTO species_stagedobservation (walk_id, dataset_id, {columns})"  # noqa: S608
            f" SELECT %s, %s, {columns} FROM arriving",
            [target.walk.pk, dataset_id],
        )
        return False
    cursor.execute("ANALYZE arriving (key)")  # the column of the joins; the others are wide
    run_id, now = target.run_id, target.now
    publish_rows(cursor, "arriving", dataset_id, scope_id, run_id, now, all_new=all_new)
    return True


def copy_arriving(cursor, rows: list[AcceptedRecord], dataset: Dataset) -> None:
    """Fill the table `arriving` with the rows, and make sure that their taxa exist."""
    facts = taxa.ensure_taxa(clean.taxon for _, clean, _ in rows)
    taxa.ensure_synonyms(
        {
            clean.aphia_id_as_published: (clean.name_as_published, clean.taxon.aphia_id)
            for _, clean, _ in rows
            if clean.aphia_id_as_published
        }
    )
    cursor.execute("TRUNCATE arriving")
    lines = (format_line(row, facts[row.clean.taxon.aphia_id], dataset) for row in rows)
    copy_lines(cursor, "arriving", (*DECIDED_COLUMNS, *CLEANED_COLUMNS, "payload"), lines)


def format_line(row: AcceptedRecord, facts: taxa.TaxonFacts, dataset: Dataset) -> str:
    """Return a line of DECIDED_COLUMNS, CLEANED_COLUMNS and payload for COPY."""
    record, clean, only_rules_differ = row
    # The synonym is kept if only WoRMS calls it one, so that the observations can move back.
    moved = clean.taxon.aphia_id if clean.taxon.aphia_id != facts.taxon_id else None
    decided = (
        record.key,
        clean.findings | record.finding | facts.findings,
        facts.taxon_id,
        facts.ordinal,
        clean.aphia_id_as_published or moved,
        facts.species_name,
        facts.common_name,
        dataset.source,
        effective_license(clean.license, License(dataset.license)),
        only_rules_differ,
    )
    return f"{format_cells(decided)}\t{clean.cells}"
