"""One type for each stage of a record: incoming, then cleaned or rejected.

Nothing here needs the database, so records can be made in another process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from species.terms import License

# Column: the key under which OBIS sends the value of its grid at the record's point.
LOOKED_UP_TERMS = {
    "bathymetry": "bathymetry",
    "shore_distance": "shoredistance",
    "sst": "sst",
    "sss": "sss",
}
ROW_COLUMNS = (
    "occurrence_id", "name_as_published", "coordinate_uncertainty_in_meters", "event_date",
    "date_start", "date_end", "date_precision", "minimum_depth_in_meters",
    "maximum_depth_in_meters", "basis_of_record", "evidence", "sex", "life_stage",
    "individual_count", "occurrence_status", "recorded_by", "locality", "license_as_given",
    "footprint_wkt", "data_generalizations", "information_withheld", "obis_flags",
)  # fmt: skip
CLEANED_COLUMNS = (
    "obis_id", "content_hash", "rule_set_version", *LOOKED_UP_TERMS, "location", "record_license",
    "record_license_uri", "as_given", *ROW_COLUMNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaxonLink:
    """One step of a lineage; `rank` is capitalised as in WoRMS ("Kingdom"), "" if unknown."""

    rank: str
    name: str
    aphia_id: int


@dataclass(frozen=True, slots=True)
class TaxonRow:
    """The accepted taxon of a record; `lineage` runs from the kingdom down to the taxon itself."""

    aphia_id: int
    scientific_name: str
    authorship: str
    rank: str
    lineage: tuple[TaxonLink, ...]
    is_marine: bool | None
    is_brackish: bool | None
    is_freshwater: bool | None
    is_terrestrial: bool | None
    iucn_category: str
    is_named_as_published: bool = False  # OBIS gave no accepted name


class CleanRecord(NamedTuple):
    """A record that can be published.

    `cells` has CLEANED_COLUMNS and the payload in COPY's text format. The other fields are needed
    for columns that also depend on the taxon and the dataset.
    """

    taxon: TaxonRow
    name_as_published: str
    aphia_id_as_published: int | None
    vernacular_name: object  # as given
    license: License
    findings: int
    cells: str


class Rejection(NamedTuple):
    """A record that cannot be published: the code of the rule, and the record as received."""

    reason: str
    occurrence_id: str | None  # as given
    payload: bytes


class Fault(NamedTuple):
    """The rule that an element breaks before it can be cleaned, and its raw form."""

    reason: str
    received: Mapping[str, Any]


@dataclass(slots=True)
class IncomingRecord:
    """An element of a page with its identity and hashes.

    `key` is final once `identify` has compared the record with the others of its dataset. `result`
    is set if the record was cleaned ahead of the comparison; `raw` is then empty in the process
    that writes it.
    """

    raw: Mapping[str, Any]
    obis_id: UUID
    fingerprint: UUID
    content_hash: UUID
    identifier: str  # the occurrenceID, "" if missing
    looked_up: str  # LOOKED_UP_TERMS in COPY's text format
    key: UUID
    base: UUID | None = None  # set if records share the identity and are numbered
    finding: int = 0  # found by comparison with other records
    fault: Fault | None = None
    result: CleanRecord | Rejection | None = None

    def __reduce__(self) -> tuple:
        """Pickle without the raw record, and the UUIDs as bytes: half the work."""
        uuids = (self.obis_id, self.fingerprint, self.content_hash, self.key)
        ids = b"".join(uuid.bytes for uuid in (*uuids, *([self.base] if self.base else [])))
        return _unpickle_record, (ids, self.identifier, self.looked_up, self.result)


def _unpickle_record(
    ids: bytes, identifier: str, looked_up: str, result: CleanRecord | Rejection | None
) -> IncomingRecord:
    uuids = [UUID(bytes=ids[start : start + 16]) for start in range(0, len(ids), 16)]
    obis_id, fingerprint, content_hash, key, *base = uuids
    return IncomingRecord(
        {}, obis_id, fingerprint, content_hash, identifier, looked_up, key,
        base=base[0] if base else None, result=result,
    )  # fmt: skip
