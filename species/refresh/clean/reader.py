"""Read the parts of a raw record, and collect findings and the values that normalising changed."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from species.refresh.clean import dates, places, vocabulary
from species.refresh.clean.date_parts import (
    CALENDAR_PARTS,
    DATE_PARTS,
    has_calendar_parts,
    parts_disagree,
)
from species.refresh.clean.depths import Depths, read_depths
from species.refresh.clean.flags import Flags
from species.refresh.clean.licences import LicenseReading, read_license
from species.refresh.records import TaxonRow
from species.refresh.text import (
    LONGEST_REMEMBERED,
    clean_name,
    clean_text,
    raw_text,
    read_bool,
    read_number,
    says_nothing,
)
from species.terms import (
    MAXIMUM_COUNT,
    BasisOfRecord,
    DatePrecision,
    Evidence,
    Finding,
    License,
    OccurrenceStatus,
)

_ID_MISSING, _TEXT_CLEANED = int(Finding.OCCURRENCE_ID_MISSING), int(Finding.TEXT_CLEANED)
_COUNT, _LICENSE = int(Finding.COUNT_NOT_UNDERSTOOD), int(Finding.LICENSE_NOT_UNDERSTOOD)
_PARTS_ONLY, _PARTS_DISAGREE = int(Finding.DATE_PARTS_ONLY), int(Finding.DATE_PARTS_DISAGREE)

_STATUS = int(Finding.STATUS_DISAGREES)

_UNITS = ("organismQuantityType", "sampleSizeUnit")


class Reader:
    """The parts of one record; reading them adds to `findings` and `as_given`."""

    __slots__ = ("as_given", "findings", "flags", "raw")

    def __init__(self, raw: Mapping[str, object], flags: Flags) -> None:
        self.raw = raw
        self.flags = flags.bits
        self.findings = 0
        self.as_given: dict[str, str] = {"flags": flags.unlisted} if flags.unlisted else {}

    def text(self, key: str) -> str:
        """Return a value as clean text; note removed characters."""
        value = self.raw.get(key)
        if value is None:
            return ""
        text = clean_text(value)
        if (text != value and text != raw_text(value)) or "\ufffd" in text:
            self.findings |= _TEXT_CLEANED
        return text

    def keep(self, *keys: str) -> None:
        """Keep the values of these keys as given, if there are any."""
        for key in keys:
            if text := self.text(key):
                self.as_given[key] = text

    def occurrence_id(self) -> str | None:
        """Return the occurrenceID; None if it is missing or blank."""
        occurrence_id = self.text("occurrenceID")
        if occurrence_id.strip():
            return occurrence_id
        self.findings |= _ID_MISSING
        return None

    def name_as_published(self, taxon: TaxonRow) -> str:
        """Return the original scientific name, or the accepted one if it is missing."""
        given = self.text("originalScientificName")
        name = clean_name(given)
        if name != given:
            self.keep("originalScientificName")
        return name or taxon.scientific_name

    def event_date(self, today: date) -> dates.EventDate:
        """Return the days of the event date; year, month and day alone give none."""
        text = self.text("eventDate")
        if says_nothing(text) and has_calendar_parts(self.raw):
            self.findings |= _PARTS_ONLY
            self.keep(*CALENDAR_PARTS)
            return dates.EventDate(None, None, DatePrecision.NONE)
        event_date = dates.interpret_event_date(
            text if len(text) <= dates.LONGEST else "too long to be a date",
            _milliseconds(self.raw.get("date_start")),
            _milliseconds(self.raw.get("date_end")),
            today,
        )
        self.findings |= event_date.findings
        if parts_disagree(event_date, self.raw):
            self.findings |= _PARTS_DISAGREE
            self.keep(*DATE_PARTS)
        return event_date

    def depths(self) -> Depths:
        """Return both depths in metres; keep unusable ones as given."""
        depths = read_depths(
            self.raw.get("minimumDepthInMeters"), self.raw.get("maximumDepthInMeters")
        )
        self.findings |= depths.findings
        if depths.minimum is None:
            self.keep("minimumDepthInMeters")
        if depths.maximum is None:
            self.keep("maximumDepthInMeters")
        return depths

    def uncertainty(self) -> float | None:
        """Return the coordinate uncertainty in metres; None if unknown."""
        meters, finding = places.read_uncertainty(self.raw.get("coordinateUncertaintyInMeters"))
        self.findings |= finding
        if meters is None:
            self.keep("coordinateUncertaintyInMeters")
        return meters

    def footprint(self) -> str:
        """Return the footprint as WKT; "" if there is none."""
        given = self.text("footprintWKT")
        footprint = places.read_footprint(given)
        if footprint != given:
            self.keep("footprintWKT")
        return footprint

    def term(self, key: str, read: Callable[[str], vocabulary.Term]) -> Any:
        """Return a term of a vocabulary, read by a function of `vocabulary`."""
        # no term is half as long
        value, finding, changed = read(self.text(key)[:LONGEST_REMEMBERED])
        self.findings |= finding
        if changed:
            self.keep(key)
        return value

    def count(self) -> float | None:
        """Return the number of individuals; None if it is missing or no such number."""
        value = self.raw.get("individualCount")
        count = read_number(value)
        if value is None or (count is not None and 0 <= count < MAXIMUM_COUNT):
            return count
        self.keep("individualCount")
        if not says_nothing(clean_text(value)):
            self.findings |= _COUNT
        return None

    def occurrence_status(self, count: float | None) -> OccurrenceStatus:
        """Return absent if the status, OBIS or a count of 0 says so (OBIS's own rule)."""
        status: OccurrenceStatus = self.term("occurrenceStatus", vocabulary.read_occurrence_status)
        is_absence = status == OccurrenceStatus.ABSENT or read_bool(self.raw.get("absence"))
        is_stated = is_absence or not says_nothing(
            self.text("occurrenceStatus")[:LONGEST_REMEMBERED]
        )
        amounts = [amount for amount in (count, self.quantity()) if amount is not None]
        if is_stated and any((amount > 0) == bool(is_absence) for amount in amounts):
            self.findings |= _STATUS
            self.keep("organismQuantity")
        if status == OccurrenceStatus.PRESENT and (count == 0 or is_absence):
            self.keep("occurrenceStatus")
            return OccurrenceStatus.ABSENT
        return status

    def quantity(self) -> float | None:
        """Return the organismQuantity if it is a number of at least 0."""
        quantity = read_number(self.raw.get("organismQuantity"))
        return quantity if quantity is not None and quantity >= 0 else None

    def license(self) -> LicenseReading:
        """Return the licence of the record."""
        reading = read_license(self.raw.get("license"))
        if reading.license == License.OTHER:
            self.findings |= _LICENSE
        return reading

    def evidence(self, basis: BasisOfRecord) -> Evidence:
        """Return the kind of evidence."""
        return vocabulary.read_evidence(
            basis,
            dna=self.has_dna_data(),
            units=tuple(clean_text(self.raw.get(key)) for key in _UNITS),
        )

    def has_dna_data(self) -> bool:
        """Return whether the record has rows of the DNADerivedData extension."""
        dna, extensions = self.raw.get("dna"), self.raw.get("extensions")
        if isinstance(extensions, dict):
            return bool(dna_rows(dna) or dna_rows(extensions.get("DNADerivedData")))
        return dna_rows(dna) or (isinstance(extensions, list) and "DNADerivedData" in extensions)


def dna_rows(value: object) -> bool:
    """Return whether a value has rows of an extension: text and numbers have none."""
    return isinstance(value, list | dict) and bool(value)


def _milliseconds(value: object) -> int | None:
    number = read_number(value)
    return None if number is None else int(number)
