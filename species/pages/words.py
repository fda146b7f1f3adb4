"""How dates, depths, flags, places and changes read in a sentence; no HTML, no question to the database."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.formats import date_format

from species.masking import mask
from species.models import CuratedObservation, ObservationChange
from species.models.terms import DatePrecision, Finding, ObisFlag
from species.refresh.finish import GONE, OUTSIDE
from species.refresh.missing import UNLISTED
from species.refresh.rules import OBIS_FLAGS, RULES

STATEMENTS = {rule.code: rule.statement for rule in RULES}
FINDINGS = {rule.finding: rule.statement for rule in RULES if rule.finding is not None}
WITHDRAWALS = {
    GONE: "It is no longer part of the dataset at OBIS.",
    OUTSIDE: "The portal no longer covers its taxon or its place.",
    UNLISTED: "OBIS no longer has the dataset.",
}
INFORMATION = ObisFlag.NO_DEPTH  # usual for sightings: told, never a warning
HARMLESS_FINDINGS = Finding.DEPTH_ONE_SIDED | Finding.DEPTH_ZERO | Finding.OCCURRENCE_ID_MISSING | Finding.TEXT_CLEANED
MAX_GIVEN = 500


def day(value: date) -> str:
    """ "15 June 2021"; years before 1000 keep their digits."""
    return date_format(value, "j F Y") if value.year >= 1000 else value.isoformat()


def dates(row: Any) -> str:
    """The days that the event date can mean; no day is invented."""
    start, end, precision = row.date_start, row.date_end, row.date_precision
    if start is None:
        return "No usable date"
    if precision == DatePrecision.YEAR:
        return str(start.year)
    if precision == DatePrecision.MONTH:
        return date_format(start, "F Y")
    return day(start) if start == end else f"{day(start)} to {day(end)}"


def metres(value: float) -> str:
    number = f"{abs(value):,.2f}".rstrip("0").rstrip(".")
    return f"{number} m above the surface" if value < 0 else f"{number} m"


def depth(row: Any) -> str:
    """Depths count downwards; one-sided, reversed and negative ones are named as such; missing is never 0."""
    low, high = row.minimum_depth_in_meters, row.maximum_depth_in_meters
    if low is None and high is None:
        return ""
    if low is None or high is None:
        side = "maximum" if low is None else "minimum"
        return f"{metres(high if low is None else low)} (only a {side} depth is given)"
    if low == high:
        return metres(low) + (" (at the surface, or not recorded)" if low == 0 else "")
    text = f"{metres(low)} to {metres(high)}"
    return f"{text} (as given: the minimum is greater than the maximum)" if low > high else text


def coordinates(longitude: float, latitude: float, digits: int = 6) -> str:
    """ "54.2° N, 7.9° E" with the digits that are given, at most so many."""

    def degrees(value: float, positive: str, negative: str) -> str:
        side = positive if value >= 0 else negative
        return f"{f'{abs(value):.{digits}f}'.rstrip('0').rstrip('.')}°\N{NO-BREAK SPACE}{side}"

    return f"{degrees(latitude, 'N', 'S')}, {degrees(longitude, 'E', 'W')}"


def flags(row: CuratedObservation) -> Iterator[dict[str, Any]]:
    """OBIS's flags and our findings, each with its code, its sentence, who says so and whether it is a warning."""
    for flag in ObisFlag(row.obis_flags):
        yield {"by": "OBIS", "code": flag.name, "text": OBIS_FLAGS[flag], "is_warning": flag != INFORMATION}
    for finding in Finding(row.findings):
        is_warning = not finding & HARMLESS_FINDINGS
        yield {"by": "This portal", "code": finding.name, "text": FINDINGS[finding], "is_warning": is_warning}


def as_given(row: CuratedObservation) -> list[tuple[str, str]]:
    """(Darwin Core term, text as given) where normalising changed it; masked, since providers put anything anywhere."""
    return [(term, mask(str(value))[:MAX_GIVEN]) for term, value in sorted((row.as_given or {}).items())]


def reason(code: str) -> str:
    """Why a record was refused or withdrawn, as a sentence."""
    return STATEMENTS.get(code) or WITHDRAWALS.get(code) or f"{code.replace('_', ' ').capitalize()}."


def changed_fields(change: ObservationChange) -> list[str]:
    """What changed, as words; never the values."""
    names = {field.attname: str(field.verbose_name) for field in CuratedObservation._meta.concrete_fields}
    return [names.get(name, name.replace("_", " ")) for name in change.fields]
