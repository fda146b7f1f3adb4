"""Identify the records of a slice: their keys, and whether the walk has met them before."""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Count

from species.models import CuratedObservation, WalkedRecord
from species.refresh import hashes
from species.refresh.records import IncomingRecord
from species.terms import Finding


def identify(
    records: Sequence[IncomingRecord],
    dataset: UUID,
    dataset_id: int,
    walk_id: int,
    shares_ids: bool,
) -> tuple[list[IncomingRecord], int]:
    """Return (records with their keys, number of records that the walk had met already)."""
    met = find_walked(walk_id, "obis_id", [record.obis_id for record in records])
    fresh = []
    for record in records:
        if record.obis_id not in met:
            met.add(record.obis_id)
            fresh.append(record)
    plain = [record for record in fresh if record.base is None]
    shared = find_shared_ids(plain, dataset, dataset_id, walk_id, shares_ids)
    for record in shared:
        record.base = hashes.base_of_content(record.fingerprint, record.identifier)
        record.finding = Finding.OCCURRENCE_ID_SHARED
    number_replicates([record for record in fresh if record.base is not None], dataset, walk_id)
    return fresh, len(records) - len(fresh)


def find_walked(walk_id: int, column: str, values: Iterable[UUID]) -> set[UUID]:
    """Return those of the values that records of the walk have in a column."""
    with connection.cursor() as cursor:
        # One array is a fraction of the work of thousands of parameters.
        cursor.execute(
            f"SELECT {column} FROM species_walkedrecord WHERE walk_id = %s AND {column} = ANY(%s::uuid[])",  # noqa: S608
            [walk_id, "{" + ",".join(map(str, values)) + "}"],
        )
        return {found for (found,) in cursor.fetchall()}


def find_shared_ids(
    plain: list[IncomingRecord], dataset: UUID, dataset_id: int, walk_id: int, shares_ids: bool
) -> list[IncomingRecord]:
    """Return records whose occurrenceID belongs to another record of the walk."""
    taken = find_walked(walk_id, "key", [record.key for record in plain])
    preferred = find_kept_by_content(plain, dataset, dataset_id, walk_id) if shares_ids else set()
    shared = []
    for record in plain:
        # A record identified by content in an earlier walk stays so, whatever OBIS's order is now.
        if record.obis_id in preferred or record.key in taken:
            shared.append(record)
        else:
            taken.add(record.key)
    return shared


def find_kept_by_content(
    plain: list[IncomingRecord], dataset: UUID, dataset_id: int, walk_id: int
) -> set[UUID]:
    """Return OBIS ids of records that are stored under a key made of their content.

    Records that this walk has met are left out.
    """
    keys = {}
    for record in plain:
        base = hashes.base_of_content(record.fingerprint, record.identifier)
        keys[hashes.key_of_replicate(dataset, base, 0)] = record.obis_id
    rows = CuratedObservation.objects.filter(dataset_id=dataset_id, key__in=keys, withdrawn_at=None)
    met = find_walked(walk_id, "key", keys)
    return {keys[key] for key in rows.values_list("key", flat=True) if key not in met}


def number_replicates(records: list[IncomingRecord], dataset: UUID, walk_id: int) -> None:
    """Number equal records, which are legitimate replicates, and set their keys."""
    if not records:
        return
    bases = {record.base for record in records}
    counted = (
        WalkedRecord.objects.filter(walk_id=walk_id, base__in=bases)
        .values("base")
        .order_by("base")
        .annotate(n=Count("pk"))
    )
    ordinals = Counter({row["base"]: row["n"] for row in counted})
    for record in records:
        if record.base is not None:
            record.key = hashes.key_of_replicate(dataset, record.base, ordinals[record.base])
            ordinals[record.base] += 1
