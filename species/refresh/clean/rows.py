"""Turn a raw OBIS record into a row with our names and types, or reject it with a reason."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from species.refresh.clean import dates, places, vocabulary
from species.refresh.clean.depths import below_sea_floor
from species.refresh.clean.flags import read_flags
from species.refresh.clean.lineage import read_taxon
from species.refresh.clean.reader import Reader
from species.refresh.records import TaxonRow
from species.refresh.text import (
    read_bool,
    read_id,
    read_number,
    says_nothing,
)
from species.rules import Rejected
from species.terms import (
    BasisOfRecord,
    DatePrecision,
    Evidence,
    Finding,
    License,
    LifeStage,
    ObisFlag,
    OccurrenceStatus,
    Sex,
)

_HABITAT_UNSURE, _NOT_ACCEPTED = int(Finding.HABITAT_UNSURE), int(Finding.NAME_NOT_ACCEPTED)

_NAME_MISSING = int(Finding.ACCEPTED_NAME_MISSING)

_FLAG_ON_LAND, _FLAG_BELOW = int(ObisFlag.ON_LAND), int(ObisFlag.DEPTH_EXCEEDS_BATH)
_FLAG_UNSURE, _FLAG_NOT_ACCEPTED = int(ObisFlag.MARINE_UNSURE), int(ObisFlag.NO_ACCEPTED_NAME)


class OccurrenceRow(NamedTuple):
    """A cleaned occurrence.

    Degrees and metres; depths are positive downwards. Missing texts are "", other missing values
    None. `as_given` has, under Darwin Core names, what normalising changed. `obis_flags` and
    `findings` are bits of ObisFlag and Finding.
    """

    obis_id: UUID
    dataset_uuid: UUID
    occurrence_id: str | None
    taxon: TaxonRow
    name_as_published: str
    aphia_id_as_published: int | None
    longitude: float
    latitude: float
    coordinate_uncertainty_in_meters: float | None
    event_date: str | None
    date_start: date | None
    date_end: date | None
    date_precision: DatePrecision
    minimum_depth_in_meters: float | None
    maximum_depth_in_meters: float | None
    basis_of_record: BasisOfRecord
    evidence: Evidence
    sex: Sex
    life_stage: LifeStage
    individual_count: float | None
    occurrence_status: OccurrenceStatus
    recorded_by: str
    locality: str
    license_as_given: str
    license: License
    license_uri: str
    footprint_wkt: str
    data_generalizations: str
    information_withheld: str
    obis_flags: int
    findings: int
    as_given: dict[str, str]

    @classmethod
    def from_obis(cls, raw: Mapping[str, object], today: date | None = None) -> "OccurrenceRow":
        """Return the row of one record of OBIS's /occurrence.

        Raises only Rejected, for any JSON value. `today` decides what is in the future; default:
        the current day (UTC).
        """
        if not isinstance(raw, Mapping):
            raise Rejected("not_an_object")
        obis_id, dataset_uuid = _identity(raw)
        longitude, latitude = places.read_coordinates(
            raw.get("decimalLongitude"), raw.get("decimalLatitude")
        )
        taxon = read_taxon(raw)
        if read_bool(raw.get("dropped")):
            raise Rejected("dropped_by_obis")
        record = Reader(raw, read_flags(raw.get("flags")))
        basis = record.term("basisOfRecord", vocabulary.read_basis_of_record)
        event_date = record.event_date(today or dates.current_day())
        depths = record.depths()
        uncertainty = record.uncertainty()
        count = record.count()
        return cls(
            obis_id=obis_id,
            dataset_uuid=dataset_uuid,
            occurrence_id=record.occurrence_id(),
            taxon=taxon,
            name_as_published=record.name_as_published(taxon),
            aphia_id_as_published=read_id(raw.get("unaccepted")),
            longitude=longitude,
            latitude=latitude,
            coordinate_uncertainty_in_meters=uncertainty,
            event_date=record.text("eventDate") or None,
            date_start=event_date.start,
            date_end=event_date.end,
            date_precision=event_date.precision,
            minimum_depth_in_meters=depths.minimum,
            maximum_depth_in_meters=depths.maximum,
            basis_of_record=basis,
            evidence=record.evidence(basis),
            sex=record.term("sex", vocabulary.read_sex),
            life_stage=record.term("lifeStage", vocabulary.read_life_stage),
            individual_count=count,
            occurrence_status=record.occurrence_status(count),
            recorded_by=record.text("recordedBy"),
            locality=record.text("locality"),
            license_as_given=record.text("license"),
            license=(licence := record.license()).license,
            license_uri=licence.uri,
            footprint_wkt=(footprint := record.footprint()),
            data_generalizations=(generalised := record.text("dataGeneralizations")),
            information_withheld=(withheld := record.text("informationWithheld")),
            obis_flags=record.flags,
            findings=record.findings
            | below_sea_floor(
                depths, read_number(raw.get("bathymetry")), flagged=bool(record.flags & _FLAG_BELOW)
            )
            | _taxon_findings(taxon, record.flags)
            | places.place_findings(
                longitude,
                latitude,
                uncertainty,
                footprint,
                shore_distance=read_number(raw.get("shoredistance")),
                flagged_on_land=bool(record.flags & _FLAG_ON_LAND),
                generalised=not (says_nothing(generalised) and says_nothing(withheld)),
            ),
            as_given=record.as_given,
        )


def _identity(raw: Mapping[str, object]) -> tuple[UUID, UUID]:
    """Return (OBIS id, dataset id), or raise Rejected."""
    try:
        obis_id = UUID(raw["id"])  # type: ignore[arg-type]  # other types raise, too
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Rejected("no_obis_id") from None
    try:
        return obis_id, _dataset_uuid(raw["dataset_id"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Rejected("no_dataset") from None


@lru_cache(maxsize=1024)
def _dataset_uuid(text: Any) -> UUID:
    return UUID(text)


def _taxon_findings(taxon: TaxonRow, flags: int) -> int:
    """Return the findings on habitat and name of the taxon."""
    unsure = flags & _FLAG_UNSURE or not (taxon.is_marine or taxon.is_brackish)
    findings = (_HABITAT_UNSURE if unsure else 0) | (
        _NOT_ACCEPTED if flags & _FLAG_NOT_ACCEPTED else 0
    )
    return findings | (_NAME_MISSING if taxon.is_named_as_published else 0)
