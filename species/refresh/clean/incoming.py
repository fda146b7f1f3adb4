"""One record of a page on its way in: its hashes and, once it was cleaned, what will be written of
it.

Nothing here knows the database, so that it can be done in another process (see `workshop`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from species.refresh import hashes, payload
from species.refresh.clean.lineage import TaxonRow
from species.refresh.clean.rows import OccurrenceRow
from species.refresh.copy_text import format_cells, format_point
from species.refresh.fetch.elements import LONGEST_RECORD, BadElement, Element
from species.refresh.fetch.envelope import Page
from species.refresh.text import clean_text, is_uuid, read_number
from species.rules import RULE_SET_VERSION, Rejected
from species.terms import License

MOST_LEVELS = 100  # of nesting that are kept of a record that has too many

# Column: what OBIS calls the value that it looked up on a grid at the point.
LOOKED_UP_TERMS = {
    "bathymetry": "bathymetry",
    "shore_distance": "shoredistance",
    "sst": "sst",
    "sss": "sss",
}

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
    """What curation made of a record: what is decided once the database was asked, and the rest as
    COPY takes it.
    """

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

    raw: Mapping[str, Any]  # empty where another process has made all of it that is needed
    obis_id: UUID
    fingerprint: UUID
    content_hash: UUID
    identifier: str  # the occurrenceID, where it is one
    looked_up: str  # cells of LOOKED_UP_TERMS
    key: UUID
    # set where records share an identity and are told apart by content and ordinal
    base: UUID | None = None
    only_rules_differ: bool = False  # from the row that is held: the provider's content is the same
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
                self.refuse(verdict.reason, self.raw)
            else:
                self.cleaned = self._cleaned(row, keep)
        return self.cleaned

    def refuse(self, reason: str, received: Mapping[str, Any]) -> None:
        """Note the rule that refuses the record, and keep its raw form."""
        given = self.raw.get("occurrenceID", self.identifier or None)
        self.refusal, self.packed = reason, payload.pack_record(received)
        self.occurrence_id_as_given = None if given is None else clean_text(str(given))

    def _cleaned(self, row: OccurrenceRow, keep: bool) -> Cleaned:
        before = (self.obis_id, self.content_hash, RULE_SET_VERSION)
        beside = (
            format_point(row.longitude, row.latitude),
            row.license,
            row.license_uri,
            row.as_given or None,
        )
        packed = payload.pack_record(self.raw) if keep else None
        return Cleaned(
            row.taxon,
            row.name_as_published,
            row.aphia_id_as_published,
            self.raw.get("vernacularName"),
            row.license,
            row.findings,
            f"{format_cells(before)}\t{self.looked_up}\t{format_cells((*beside, *_as_in_the_row(row), packed))}",
        )

    def __reduce__(self) -> tuple:
        """Without the raw record: who takes it out of another process needs it no more."""
        ids = (
            self.obis_id,
            self.fingerprint,
            self.content_hash,
            self.key,
            *([self.base] if self.base else []),
        )
        rest = (
            self.identifier,
            self.looked_up,
            self.cleaned,
            self.refusal,
            self.occurrence_id_as_given,
            self.packed,
        )
        return _arrived, (b"".join([uuid.bytes for uuid in ids]), *rest)


def _arrived(
    ids: bytes, identifier: str, looked_up: str, cleaned, refusal, as_given, packed
) -> Arrival:
    obis_id, fingerprint, content_hash, key, *base = [
        UUID(bytes=ids[n : n + 16]) for n in range(0, len(ids), 16)
    ]
    return Arrival(
        {}, obis_id, fingerprint, content_hash, identifier, looked_up, key, base[0] if base else None,
        cleaned=cleaned, refusal=refusal, occurrence_id_as_given=as_given, packed=packed,
    )  # fmt: skip


def arrivals(page: Page, dataset: UUID, *, clean: bool, keep: bool) -> Iterator[list[Arrival]]:
    """Yield the records of a page in slices; where most are expected to be new also cleaned and
    packed (`keep`).
    """
    for elements in page.slices():
        items = [arrival(element, dataset) for element in elements]
        if clean:
            for item in items:
                item.clean(keep)
        yield items


def arrival(raw: Element, dataset: UUID) -> Arrival:
    """Return an element of a page with its hashes; its key is final once `identify` has compared it
    with others.
    """
    if isinstance(raw, BadElement):
        return _refused(raw, raw.digest, dataset, raw.reason, raw.as_received())
    try:
        content = hashes.content_of(raw)
    except TypeError:  # orjson reads deeper nests than it writes
        kept = {key: pruned(value) for key, value in raw.items()}
        return _refused(kept, hashes.fingerprint(kept), dataset, "nested_too_deeply", kept)
    fingerprint = hashes.digest(content)
    if len(content) > LONGEST_RECORD:
        large = BadElement.from_text("record_too_large", orjson.dumps(raw))
        return _refused(raw, fingerprint, dataset, large.reason, large.as_received())
    if raw.get("dataset_id") != str(dataset) and is_other_dataset(raw.get("dataset_id"), dataset):
        return _refused(raw, fingerprint, dataset, "other_dataset", raw)
    return _arrival(raw, fingerprint, dataset)


def is_other_dataset(given: object, dataset: UUID) -> bool:
    return isinstance(given, str) and is_uuid(given) and UUID(given) != dataset


def _arrival(
    raw: Mapping[str, Any], fingerprint: UUID, dataset: UUID, looked: str | None = None
) -> Arrival:
    identifier = text_of(raw.get("occurrenceID"))
    base = None if identifier else hashes.base_of_content(fingerprint)
    key = base or hashes.key_of_occurrence(dataset, identifier)
    content_hash = hashes.content_hash(fingerprint)
    obis_id = obis_id_of(raw, fingerprint)
    looked = looked_up(raw) if looked is None else looked
    return Arrival(raw, obis_id, fingerprint, content_hash, identifier, looked, key, base)


def _refused(
    element: Mapping[str, Any] | BadElement,
    fingerprint: UUID,
    dataset: UUID,
    reason: str,
    received: Mapping[str, Any],
) -> Arrival:
    """Return what is kept of an element that cannot become an observation: its identity, the
    reason, its raw form.
    """
    known = {key: element.get(key) for key in ("id", "occurrenceID")}
    item = _arrival(known, fingerprint, dataset)
    item.refuse(reason, received)
    return item


def pruned(value: Any, levels: int = MOST_LEVELS) -> Any:
    """Return a value without what lies deeper than so many levels."""
    if isinstance(value, dict):
        return (
            {key: pruned(inner, levels - 1) for key, inner in value.items()}
            if levels
            else "(nested too deeply)"
        )
    if isinstance(value, list):
        return [pruned(inner, levels - 1) for inner in value] if levels else "(nested too deeply)"
    return value


def looked_up(raw: Mapping[str, Any]) -> str:
    """Cells of what OBIS looked up on its grids at the point, as columns of single precision hold
    it.
    """
    values = [read_number(raw.get(term)) for term in LOOKED_UP_TERMS.values()]
    return format_cells(
        [None if value is None or abs(value) > 1e30 else round(value, 6) for value in values]
    )


def text_of(value: object) -> str:
    """An identifier as text; what is no identifier counts as missing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def obis_id_of(raw: Mapping[str, Any], fingerprint: UUID) -> UUID:
    """Return OBIS's id; for a record without one a hash of its content, so that each of them
    counts.
    """
    try:
        return UUID(raw["id"])
    except (KeyError, ValueError, AttributeError, TypeError):
        return hashes.digest(b"no obis id", fingerprint.bytes)
