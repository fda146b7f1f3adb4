"""Write one page: compare it with what is held, clean what differs, and stage or publish it. No
commit happens here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from psycopg2.extras import execute_values

from species.models import BlockedKey, Dataset, DatasetWalk
from species.refresh import hashes
from species.refresh.clean.incoming import CLEANED_COLUMNS, LOOKED_UP_TERMS, Arrival, Cleaned
from species.refresh.clean.licences import effective_license
from species.refresh.copy_text import format_cells
from species.refresh.taxonomy import taxa
from species.refresh.taxonomy.vernaculars import count_names_used
from species.refresh.write.copy import copy_lines, copy_rows
from species.refresh.write.identity import identify
from species.refresh.write.publish import PUBLISHED_COLUMNS, publish_rows
from species.terms import License

PURGED = "purged_on_request"


@dataclass(slots=True)
class ImportTarget:
    """What stays the same for all pages of one dataset in one run."""

    run_id: int | None
    dataset: Dataset
    walk: DatasetWalk
    now: datetime
    keep_records: bool
    shares_ids: bool
    has_blocked_keys: bool


@dataclass(slots=True)
class Tally:
    """How the records of a slice or a page ended."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    # readers see something new: the caller advances the data version, last of all
    is_published: bool = False


# What depends on more than the record itself, in the order of `line`.
DECIDED_COLUMNS = (
    "key", "findings", "taxon_id", "taxon_ordinal", "aphia_id_as_published", "species_name", "common_name", "source",
    "license", "only_rules_differ",
)  # fmt: skip
ARRIVAL_COLUMNS = ("n", "obis_id", "key", "content_hash", *LOOKED_UP_TERMS)


def create_temporary_tables(cursor) -> None:
    """Make this connection's two temporary tables, once."""
    cursor.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS arrival (
            n integer, obis_id uuid, key uuid, content_hash uuid,
            bathymetry real, shore_distance real, sst real, sss real
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE IF NOT EXISTS arriving (LIKE species_stagedobservation) ON COMMIT DELETE ROWS;
        ALTER TABLE arriving ALTER id DROP NOT NULL, ALTER walk_id DROP NOT NULL, ALTER dataset_id DROP NOT NULL;
        """
    )


def load_slice(records: Sequence[Arrival], target: ImportTarget) -> Tally:
    """Bring records of one dataset in: each is added, changed, unchanged, returned, rejected or
    repeated.

    Cleaning lets nothing through that is known to be refused by the database. Should it refuse a
    value all the same, that record alone is rejected: it is found by halving.
    """
    try:
        with transaction.atomic():
            return write_records(records, target)
    except DatabaseError as error:
        if not is_value_error(error) or (len(records) == 1 and records[0].refusal):
            raise
    if len(records) == 1:
        refuse_to_store(records[0])
        return load_slice(records, target)
    middle = len(records) // 2
    first, second = load_slice(records[:middle], target), load_slice(records[middle:], target)
    first.outcomes += second.outcomes
    first.reasons += second.reasons
    first.is_published |= second.is_published
    return first


def is_value_error(error: DatabaseError) -> bool:
    """Return whether PostgreSQL's complaint is about a value: data exceptions, constraints, the
    size of a row.
    """
    code = getattr(error.__cause__, "pgcode", None) or ""
    return code[:2] in ("22", "23", "54")


def refuse_to_store(arrival: Arrival) -> None:
    """Reject a record that was accepted, with its raw form where it is kept."""
    kept = arrival.cleaned.cells.rpartition("\t")[2] if arrival.cleaned else ""
    arrival.cleaned = None
    arrival.refuse(
        "not_storable",
        arrival.raw or {"id": str(arrival.obis_id), "occurrenceID": arrival.identifier},
    )
    if kept.startswith(r"\\x"):
        arrival.packed = bytes.fromhex(kept[3:])


def write_records(records: Sequence[Arrival], target: ImportTarget) -> Tally:
    """Compare, clean and write records of one dataset. Raises DatabaseError, with nothing written."""
    tally = Tally()
    uuid = target.dataset.uuid
    arrivals, repeated = identify(
        records, uuid, target.dataset.pk, target.walk.pk, target.shares_ids
    )
    tally.outcomes["repeated"] = repeated
    reasons: dict[UUID, str] = {}
    with connection.cursor() as cursor:
        news = compare_with_held(cursor, arrivals, target, tally)
        kept, rejected = clean_new(news, target)
        target.shares_ids |= any(arrival.finding for arrival in arrivals)
        for arrival, reason in rejected:
            tally.outcomes["rejected"] += 1
            tally.reasons[reason] += 1
            reasons[arrival.key] = reason
        for _, _, outcome in kept:
            tally.outcomes[outcome] += 1
        write_walked(cursor, arrivals, reasons, target)
        write_rejected(cursor, rejected, target)
        all_new = all(outcome == "added" for _, _, outcome in kept)
        tally.is_published |= write_rows(
            cursor, [(arrival, row) for arrival, row, _ in kept], target, all_new
        )
    return tally


def compare_with_held(
    cursor, arrivals: list[Arrival], target: ImportTarget, tally: Tally
) -> list[tuple[Arrival, str]]:
    """The arrivals that must be cleaned, each with its outcome if it is accepted; the rest is
    unchanged.
    """
    cursor.execute("TRUNCATE arrival")
    lines = (
        f"{format_cells((n, a.obis_id, a.key, a.content_hash))}\t{a.looked_up}"
        for n, a in enumerate(arrivals)
    )
    copy_lines(cursor, "arrival", ARRIVAL_COLUMNS, lines)
    cursor.execute("ANALYZE arrival")
    cursor.execute(
        """
        SELECT a.n, o.id IS NULL, o.withdrawn_at IS NOT NULL, o.content_hash = a.content_hash,
               o.content_hash::text, o.rule_set_version,
               (o.obis_id, o.bathymetry, o.shore_distance, o.sst, o.sss)
               IS DISTINCT FROM (a.obis_id, a.bathymetry, a.shore_distance, a.sst, a.sss)
        FROM arrival a LEFT JOIN species_curatedobservation o ON o.key = a.key AND o.dataset_id = %s
        """,
        [target.dataset.pk],
    )
    news, attributes_differ = [], False
    for n, is_new, is_withdrawn, is_equal, held_hash, version, differs in cursor.fetchall():
        item = arrivals[n]
        if is_new or is_withdrawn:
            news.append((item, "added" if is_new else "returned"))
        elif not is_equal:
            item.only_rules_differ = UUID(held_hash) == hashes.content_hash(
                item.fingerprint, version
            )
            news.append((item, "unchanged" if item.only_rules_differ else "changed"))
        else:
            tally.outcomes["unchanged"] += 1
            attributes_differ |= differs
    if attributes_differ:
        update_attributes(cursor, target)
        tally.is_published = True
    return news


def update_attributes(cursor, target: ImportTarget) -> None:
    """OBIS's id and what was looked up on grids follow OBIS on rows that are otherwise unchanged."""
    cursor.execute(
        """
        UPDATE species_curatedobservation o
        SET obis_id = a.obis_id, bathymetry = a.bathymetry, shore_distance = a.shore_distance, sst = a.sst, sss = a.sss
        FROM arrival a
        WHERE o.key = a.key AND o.dataset_id = %s AND o.content_hash = a.content_hash AND o.withdrawn_at IS NULL
          AND (o.obis_id, o.bathymetry, o.shore_distance, o.sst, o.sss)
              IS DISTINCT FROM (a.obis_id, a.bathymetry, a.shore_distance, a.sst, a.sss)
        """,
        [target.dataset.pk],
    )


def clean_new(
    news: list[tuple[Arrival, str]], target: ImportTarget
) -> tuple[list[tuple[Arrival, Cleaned, str]], list[tuple[Arrival, str]]]:
    """(accepted with outcome, rejected with reason)."""
    blocked = (
        blocked_keys([arrival.key for arrival, _ in news]) if target.has_blocked_keys else set()
    )
    kept, rejected = [], []
    for arrival, outcome in news:
        if arrival.key in blocked:
            rejected.append((arrival, PURGED))
        elif cleaned := arrival.clean(target.keep_records):
            kept.append((arrival, cleaned, outcome))
        else:
            rejected.append((arrival, arrival.refusal))
    return kept, rejected


def blocked_keys(keys: list[UUID]) -> set[UUID]:
    by_hash = {hashes.block_hash(key): key for key in keys}
    found = BlockedKey.objects.filter(key_hash__in=list(by_hash)).values_list("key_hash", flat=True)
    return {by_hash[bytes(block)] for block in found}


def write_walked(
    cursor, arrivals: list[Arrival], reasons: dict[UUID, str], target: ImportTarget
) -> None:
    rows = ((target.walk.pk, a.obis_id, a.key, a.base, reasons.get(a.key, "")) for a in arrivals)
    copy_rows(cursor, "species_walkedrecord", ("walk_id", "obis_id", "key", "base", "reason"), rows)


def write_rejected(cursor, rejected: list[tuple[Arrival, str]], target: ImportTarget) -> None:
    """Keep what was refused, with its reason; what was purged on request leaves nothing behind."""
    # Equal records that are refused for the same reason are one row.
    kept = {
        (arrival.fingerprint, reason): arrival for arrival, reason in rejected if reason != PURGED
    }
    if not kept:
        return
    execute_values(
        cursor,
        """
        INSERT INTO species_rejectedrecord (dataset_id, key, obis_id, occurrence_id, reason, record_hash,
                                            payload, first_run_id, last_run_id, first_seen, last_seen)
        VALUES %s
        ON CONFLICT (dataset_id, record_hash, reason) DO UPDATE
        SET last_run_id = EXCLUDED.last_run_id, last_seen = EXCLUDED.last_seen, obis_id = EXCLUDED.obis_id
        """,
        [rejected_row(arrival, reason, target) for (_, reason), arrival in kept.items()],
        template="(%s, %s::uuid, %s::uuid, %s, %s, %s::uuid, %s, %s, %s, %s, %s)",
    )


def rejected_row(arrival: Arrival, reason: str, target: ImportTarget) -> tuple:
    return (
        target.dataset.pk,
        str(arrival.key),
        str(arrival.obis_id),
        arrival.occurrence_id_as_given,
        reason,
        str(arrival.fingerprint),
        arrival.packed,
        target.run_id,
        target.run_id,
        target.now,
        target.now,
    )


def write_rows(
    cursor, kept: list[tuple[Arrival, Cleaned]], target: ImportTarget, all_new: bool
) -> bool:
    """Stage or publish the rows; answers whether readers see them now."""
    if not kept:
        return False
    count_names_used((cleaned.taxon.aphia_id, cleaned.vernacular_name) for _, cleaned in kept)
    copy_arriving(cursor, kept, target.dataset)
    if target.walk.is_staged:
        columns = ", ".join(PUBLISHED_COLUMNS)
        cursor.execute(
            f"INSERT INTO species_stagedobservation (walk_id, dataset_id, {columns})"  # noqa: S608
            f" SELECT %s, %s, {columns} FROM arriving",
            [target.walk.pk, target.dataset.pk],
        )
        return False
    cursor.execute("ANALYZE arriving (key)")  # what it is joined by; the rest is wide
    dataset_id, scope_id = target.dataset.pk, target.walk.scope_id
    publish_rows(
        cursor, "arriving", dataset_id, scope_id, target.run_id, target.now, all_new=all_new
    )
    return True


def copy_arriving(cursor, kept: list[tuple[Arrival, Cleaned]], dataset: Dataset) -> None:
    """Fill the table `arriving` with these rows, their taxa made sure of."""
    facts = taxa.ensure_taxa(cleaned.taxon for _, cleaned in kept)
    taxa.ensure_synonyms(
        {
            cleaned.aphia_id_as_published: (cleaned.name_as_published, cleaned.taxon.aphia_id)
            for _, cleaned in kept
            if cleaned.aphia_id_as_published
        }
    )
    cursor.execute("TRUNCATE arriving")
    lines = (
        format_line(arrival, cleaned, facts[cleaned.taxon.aphia_id], dataset)
        for arrival, cleaned in kept
    )
    copy_lines(cursor, "arriving", (*DECIDED_COLUMNS, *CLEANED_COLUMNS, "payload"), lines)


def format_line(
    arrival: Arrival, cleaned: Cleaned, facts: taxa.TaxonFacts, dataset: Dataset
) -> str:
    """Return one row of DECIDED_COLUMNS, CLEANED_COLUMNS and payload."""
    # Where WoRMS, not OBIS, calls it a synonym: so that a verdict taken back finds its
    # observations.
    moved = cleaned.taxon.aphia_id if cleaned.taxon.aphia_id != facts.taxon_id else None
    decided = (
        arrival.key,
        cleaned.findings | arrival.finding | facts.findings,
        facts.taxon_id,
        facts.ordinal,
        cleaned.aphia_id_as_published or moved,
        facts.species_name,
        facts.common_name,
        dataset.source,
        effective_license(cleaned.license, License(dataset.license)),
        arrival.only_rules_differ,
    )
    return f"{format_cells(decided)}\t{cleaned.cells}"
