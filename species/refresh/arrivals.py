"""One record of a page on its way in: its hashes and, once it was cleaned, what will be written of it.

Nothing here knows the database, so that it can be done in another process (see `workshop`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from species.refresh import hashes, payload
from species.refresh.copy_text import cells, point
from species.refresh.envelope import Page
from species.refresh.faults import DatasetFault, printable
from species.refresh.lineage import TaxonRow
from species.refresh.rows import OccurrenceRow
from species.refresh.rules import RULE_SET_VERSION, Rejected
from species.refresh.text import clean_text, read_number
from species.terms import License

# Column: what OBIS calls the value that it looked up on a grid at the point.
LOOKED_UP_TERMS = {"bathymetry": "bathymetry", "shore_distance": "shoredistance", "sst": "sst", "sss": "sss"}

AS_IN_THE_ROW = (
    "occurrence_id", "name_as_published", "coordinate_uncertainty_in_meters", "event_date", "date_start", "date_end",
    "date_precision", "minimum_depth_in_meters", "maximum_depth_in_meters", "basis_of_record", "evidence", "sex",
    "life_stage", "individual_count", "occurrence_status", "recorded_by", "locality", "license_as_given",
    "footprint_wkt", "data_generalizations", "information_withheld", "obis_flags",
)  # fmt: skip
CLEANED_COLUMNS = (
    "obis_id", "content_hash", "rule_set_version", *LOOKED_UP_TERMS, "location", "record_license",
    "record_license_uri", "as_given",
    *AS_IN_THE_ROW,
)  # fmt: skip
_as_in_the_row = attrgetter(*AS_IN_THE_ROW)


class Cleaned(NamedTuple):
    """What curation made of a record: what is decided once the database was asked, and the rest as COPY takes it."""

    taxon: TaxonRow
    name_as_published: str
    aphia_id_as_published: int | None
    vernacular_name: object  # as given
    license: License
    findings: int
    cells: str  # of CLEANED_COLUMNS and payload


@dataclass(slots=True)
class Arrival:
    """One record of a page on its way in."""

    raw: dict[str, Any]  # empty where another process has made all of it that is needed
    obis_id: UUID
    fingerprint: UUID
    content_hash: UUID
    identifier: str  # the occurrenceID, where it is one
    looked_up: str  # cells of LOOKED_UP_TERMS
    key: UUID
    base: UUID | None = None  # set where records share an identity and are told apart by content and ordinal
    finding: int = 0  # what only a comparison with other records can find
    cleaned: Cleaned | None = None
    refusal: str = ""
    occurrence_id_as_given: str | None = None  # of a refused record
    packed: bytes = b""  # a refused record as received

    def clean(self, keep: bool) -> Cleaned | None:
        """What curation makes of the record, once; None where `refusal` says why it makes nothing.

        `keep`: with the record as received beside the row.
        """
        if self.cleaned is None and not self.refusal:
            try:
                row = OccurrenceRow.from_obis(self.raw)
            except Rejected as verdict:
                self.refuse(verdict.reason)
            else:
                self.cleaned = self._cleaned(row, keep)
        return self.cleaned

    def refuse(self, reason: str) -> None:
        given = self.raw.get("occurrenceID")
        self.refusal, self.packed = reason, payload.pack(self.raw)
        self.occurrence_id_as_given = None if given is None else clean_text(str(given))

    def _cleaned(self, row: OccurrenceRow, keep: bool) -> Cleaned:
        before = (self.obis_id, self.content_hash, RULE_SET_VERSION)
        beside = (point(row.longitude, row.latitude), row.license, row.license_uri, row.as_given or None)
        packed = payload.pack(self.raw) if keep else None
        return Cleaned(
            row.taxon,
            row.name_as_published,
            row.aphia_id_as_published,
            self.raw.get("vernacularName"),
            row.license,
            row.findings,
            f"{cells(before)}\t{self.looked_up}\t{cells((*beside, *_as_in_the_row(row), packed))}",
        )

    def __reduce__(self) -> tuple:
        """Without the raw record: who takes it out of another process needs it no more."""
        ids = (self.obis_id, self.fingerprint, self.content_hash, self.key, *([self.base] if self.base else []))
        rest = (self.identifier, self.looked_up, self.cleaned, self.refusal, self.occurrence_id_as_given, self.packed)
        return _arrived, (b"".join([uuid.bytes for uuid in ids]), *rest)


def _arrived(ids: bytes, identifier: str, looked_up: str, cleaned, refusal, as_given, packed) -> Arrival:
    obis_id, fingerprint, content_hash, key, *base = [UUID(bytes=ids[n : n + 16]) for n in range(0, len(ids), 16)]
    return Arrival(
        {}, obis_id, fingerprint, content_hash, identifier, looked_up, key, base[0] if base else None,
        cleaned=cleaned, refusal=refusal, occurrence_id_as_given=as_given, packed=packed,
    )  # fmt: skip


def arrivals(page: Page, dataset: UUID, *, clean: bool, keep: bool) -> Iterator[list[Arrival]]:
    """The records of a page, slice by slice; where most are expected to be new also cleaned and packed (`keep`)."""
    for records in page.slices():
        items = [arrival(raw, dataset) for raw in records]
        if clean:
            for item in items:
                item.clean(keep)
        yield items


def arrival(raw: dict[str, Any], dataset: UUID) -> Arrival:
    """The record with its hashes; its key is final only once `identify` has compared it with others."""
    try:
        fingerprint = hashes.fingerprint(raw)
    except TypeError as error:  # orjson reads deeper nests than it writes
        raise DatasetFault(f"OBIS: record {printable(str(raw.get('id')))} is nested too deeply to be kept.") from error
    identifier = text_of(raw.get("occurrenceID"))
    base = None if identifier else hashes.base_of_content(fingerprint)
    key = base or hashes.key_of_occurrence(dataset, identifier)
    content_hash = hashes.content_hash(fingerprint)
    return Arrival(raw, obis_id_of(raw), fingerprint, content_hash, identifier, looked_up(raw), key, base)


def looked_up(raw: dict[str, Any]) -> str:
    """Cells of what OBIS looked up on its grids at the point, as columns of single precision hold it."""
    values = [read_number(raw.get(term)) for term in LOOKED_UP_TERMS.values()]
    return cells([None if value is None or abs(value) > 1e30 else round(value, 6) for value in values])


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
