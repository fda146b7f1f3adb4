"""Tell who each record of a slice is: its key, and whether the walk has met it before."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from species.models import CuratedObservation, WalkedRecord
from species.models.terms import Finding
from species.refresh import hashes, payload
from species.refresh.http import UpstreamError, printable
from species.refresh.rows import OccurrenceRow
from species.refresh.rules import Rejected
from species.refresh.text import read_number

# Column: what OBIS calls the value that it looked up on a grid at the point.
LOOKED_UP_TERMS = {"bathymetry": "bathymetry", "shore_distance": "shoredistance", "sst": "sst", "sss": "sss"}


@dataclass(slots=True)
class Arrival:
    """One record of a page on its way in."""

    raw: dict[str, Any]
    obis_id: UUID
    fingerprint: UUID
    content_hash: UUID
    looked_up: dict[str, float | None]
    key: UUID
    base: UUID | None = None  # set where records share an identity and are told apart by content and ordinal
    finding: int = 0  # what only a comparison with other records can find
    row: OccurrenceRow | None = None
    refusal: str = ""
    packed: bytes = b""

    def clean(self) -> OccurrenceRow | None:
        """The curated row, made once; None where `refusal` says why there is none."""
        if self.row is None and not self.refusal:
            try:
                self.row = OccurrenceRow.from_obis(self.raw)
            except Rejected as verdict:
                self.refusal = verdict.reason
        return self.row

    def pack(self) -> bytes:
        """The record as received in few bytes, packed once."""
        if not self.packed:
            self.packed = payload.pack(self.raw)
        return self.packed


def identify(
    arrivals: Sequence[Arrival], dataset: UUID, dataset_id: int, walk_id: int, shares_ids: bool
) -> tuple[list[Arrival], int]:
    """(arrivals with their keys, number of records that the walk had met already)."""
    met = walked_among(walk_id, "obis_id", [item.obis_id for item in arrivals])
    fresh = []
    for item in arrivals:
        if item.obis_id not in met:
            met.add(item.obis_id)
            fresh.append(item)
    plain = [item for item in fresh if item.base is None]
    shared = sharing(plain, dataset_id, walk_id, shares_ids)
    for item in shared:
        item.base = hashes.base_of_content(item.fingerprint, text_of(item.raw.get("occurrenceID")))
        item.finding = Finding.OCCURRENCE_ID_SHARED
    number_replicates([item for item in fresh if item.base is not None], dataset, walk_id)
    return fresh, len(arrivals) - len(fresh)


def arrival(raw: dict[str, Any], dataset: UUID) -> Arrival:
    """The record with its hashes; its key is final only once `identify` has compared it with others."""
    try:
        fingerprint = hashes.fingerprint(raw)
    except TypeError as error:  # orjson reads deeper nests than it writes
        raise UpstreamError(f"OBIS: record {printable(str(raw.get('id')))} is nested too deeply to be kept.") from error
    occurrence_id = text_of(raw.get("occurrenceID"))
    base = None if occurrence_id else hashes.base_of_content(fingerprint)
    key = base or hashes.key_of_occurrence(dataset, occurrence_id)
    return Arrival(raw, obis_id_of(raw), fingerprint, hashes.content_hash(fingerprint), looked_up(raw), key, base)


def looked_up(raw: dict[str, Any]) -> dict[str, float | None]:
    """What OBIS looked up on its grids at the point, as a column of single precision holds it."""
    values = {name: read_number(raw.get(term)) for name, term in LOOKED_UP_TERMS.items()}
    return {name: None if value is None or abs(value) > 1e30 else round(value, 6) for name, value in values.items()}


def text_of(value: object) -> str:
    """An identifier as text; what is no identifier counts as missing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def obis_id_of(raw: dict[str, Any]) -> UUID:
    try:
        return UUID(raw["id"])
    except (KeyError, ValueError, AttributeError, TypeError):
        return hashes.digest(b"no obis id", str(raw.get("id")).encode("utf-8", "surrogatepass"))


def walked_among(walk_id: int, column: str, values: Iterable[UUID]) -> set[UUID]:
    """Those of the values that a record of the walk has in this column (one of WalkedRecord's own)."""
    with connection.cursor() as cursor:
        # One array is a fraction of the work of thousands of parameters.
        cursor.execute(
            f"SELECT {column} FROM species_walkedrecord WHERE walk_id = %s AND {column} = ANY(%s::uuid[])",  # noqa: S608
            [walk_id, "{" + ",".join(map(str, values)) + "}"],
        )
        return {found for (found,) in cursor.fetchall()}


def sharing(plain: list[Arrival], dataset_id: int, walk_id: int, shares_ids: bool) -> list[Arrival]:
    """Records whose occurrenceID belongs to another record of this walk already."""
    taken = walked_among(walk_id, "key", [item.key for item in plain])
    preferred = held_by_content(plain, dataset_id, walk_id) if shares_ids else set()
    shared = []
    for item in plain:
        # Whoever was told apart by content in an earlier walk stays apart, in whatever order OBIS lists them now.
        if item.obis_id in preferred or item.key in taken:
            shared.append(item)
        else:
            taken.add(item.key)
    return shared


def held_by_content(plain: list[Arrival], dataset_id: int, walk_id: int) -> set[UUID]:
    """OBIS ids of the records that are held under a key made of their content, and that this walk has not met yet."""
    keys = {}
    for item in plain:
        dataset = UUID(item.raw["dataset_id"])
        base = hashes.base_of_content(item.fingerprint, text_of(item.raw.get("occurrenceID")))
        keys[hashes.key_of_replicate(dataset, base, 0)] = item.obis_id
    rows = CuratedObservation.objects.filter(dataset_id=dataset_id, key__in=keys, withdrawn_at=None)
    met = walked_among(walk_id, "key", keys)
    return {keys[key] for key in rows.values_list("key", flat=True) if key not in met}


def number_replicates(items: list[Arrival], dataset: UUID, walk_id: int) -> None:
    """Equal records are legitimate replicates: each gets the next ordinal, and so a key of its own."""
    if not items:
        return
    bases = {item.base for item in items}
    counted = (
        WalkedRecord.objects.filter(walk_id=walk_id, base__in=bases)
        .values("base")
        .order_by("base")
        .annotate(n=Count("pk"))
    )
    ordinals = Counter({row["base"]: row["n"] for row in counted})
    for item in items:
        if item.base is not None:
            item.key = hashes.key_of_replicate(dataset, item.base, ordinals[item.base])
            ordinals[item.base] += 1
