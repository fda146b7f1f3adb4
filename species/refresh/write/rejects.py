"""Keep rejected records with the code of the rule that they break."""

from collections.abc import Iterable
from uuid import UUID

from psycopg2.extras import execute_values

from species.models import BlockedKey
from species.refresh import hashes, payload
from species.refresh.records import CleanRecord, IncomingRecord, Rejection
from species.refresh.text import clean_text
from species.refresh.write.target import ImportTarget

PURGED = "purged_on_request"

RejectedEntry = tuple[IncomingRecord, Rejection]


def find_blocked_keys(keys: list[UUID]) -> set[UUID]:
    """Return those of the keys that were purged on request."""
    by_hash = {hashes.block_hash(key): key for key in keys}
    found = BlockedKey.objects.filter(key_hash__in=list(by_hash))
    return {by_hash[bytes(block)] for block in found.values_list("key_hash", flat=True)}


def reject_unstorable(record: IncomingRecord) -> Rejection:
    """Return the rejection of a cleaned record of which the database refuses a value."""
    given = record.raw.get("occurrenceID", record.identifier or None)
    known = {"id": str(record.obis_id), "occurrenceID": record.identifier}
    kept = record.result.cells.rpartition("\t")[2] if isinstance(record.result, CleanRecord) else ""
    return Rejection(
        "not_storable",
        None if given is None else clean_text(str(given)),
        bytes.fromhex(kept[3:])
        if kept.startswith(r"\\x")
        else payload.pack_record(record.raw or known),
    )


def write_rejected(cursor, rejected: Iterable[RejectedEntry], target: ImportTarget) -> None:
    """Store the rejections; equal records that break the same rule become one row.

    A record that was purged on request leaves nothing behind.
    """
    kept = {
        (record.fingerprint, rejection.reason): (record, rejection)
        for record, rejection in rejected
        if rejection.reason != PURGED
    }
    if not kept:
        return
    execute_values(
        cursor,
        """
        INSERT INTO species_rejectedrecord (
            dataset_id, key, obis_id, occurrence_id, reason, record_hash, payload,
            first_run_id, last_run_id, first_seen, last_seen)
        VALUES %s
        ON CONFLICT (dataset_id, record_hash, reason) DO UPDATE
        SET last_run_id = EXCLUDED.last_run_id, last_seen = EXCLUDED.last_seen,
            obis_id = EXCLUDED.obis_id
        """,
        [rejected_row(record, rejection, target) for record, rejection in kept.values()],
        template="(%s, %s::uuid, %s::uuid, %s, %s, %s::uuid, %s, %s, %s, %s, %s)",
    )


def rejected_row(record: IncomingRecord, rejection: Rejection, target: ImportTarget) -> tuple:
    """Return the values of one row of rejected records."""
    return (
        target.dataset.pk,
        str(record.key),
        str(record.obis_id),
        rejection.occurrence_id,
        rejection.reason,
        str(record.fingerprint),
        rejection.payload,
        target.run_id,
        target.run_id,
        target.now,
        target.now,
    )
