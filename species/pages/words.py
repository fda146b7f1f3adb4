"""Dates, depths, flags, places and changes in words, without HTML or queries."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from species.coordinates import coordinates
from species.masking import mask
from species.models import CuratedObservation, ObservationChange
from species.refresh.publish_dataset import GONE, OUTSIDE
from species.refresh.unlisted_datasets import UNLISTED
from species.rules import OBIS_FLAGS, RULES
from species.terms import DatePrecision, Finding, ObisFlag
from users.units import metres

__all__ = ["as_given", "changed_fields", "coordinates", "dates", "day", "depth", "flags", "reason"]

STATEMENTS = {rule.code: rule.statement for rule in RULES}
FINDINGS = {rule.finding: rule.statement for rule in RULES if rule.finding is not None}
WITHDRAWALS = {
    GONE: gettext_noop("The record is no longer in the dataset at OBIS."),
    OUTSIDE: gettext_noop(
        "The record's species group or location is no longer covered by this portal."
    ),
    UNLISTED: gettext_noop("OBIS no longer has the dataset."),
}
INFORMATION = ObisFlag.NO_DEPTH  # usual for sightings: told, never a warning
HARMLESS_FINDINGS = (
    Finding.DEPTH_ONE_SIDED
    | Finding.DEPTH_ZERO
    | Finding.OCCURRENCE_ID_MISSING
    | Finding.TEXT_CLEANED
)
MAX_GIVEN = 500


def day(value: date) -> str:
    """Return "15 June 2021"; years before 1000 keep their digits."""
    return date_format(value, "DATE_FORMAT") if value.year >= 1000 else value.isoformat()


def dates(row: Any) -> str:
    """Return the range of days that the event date can mean."""
    start, end, precision = row.date_start, row.date_end, row.date_precision
    if start is None:
        return _("No valid date")
    if precision == DatePrecision.YEAR:
        return str(start.year)
    if precision == DatePrecision.MONTH:
        return date_format(start, "YEAR_MONTH_FORMAT")
    if start == end:
        return day(start)
    return _("%(first)s to %(last)s") % {"first": day(start), "last": day(end)}


def depth(row: Any) -> str:
    """Return the depth range, naming one-sided, reversed and negative ones; missing is never 0."""
    low, high = row.minimum_depth_in_meters, row.maximum_depth_in_meters
    if low is None and high is None:
        return ""
    if low is None or high is None:
        if low is None:
            return _("%(depth)s (maximum depth only)") % {"depth": metres(high)}
        return _("%(depth)s (minimum depth only)") % {"depth": metres(low)}
    if low == high:
        return (
            _("%(depth)s (surface or not recorded)") % {"depth": metres(low)}
            if low == 0
            else metres(low)
        )
    text = _("%(first)s to %(last)s") % {"first": metres(low), "last": metres(high)}
    if low > high:
        return _("%(depth)s (minimum and maximum as given)") % {"depth": text}
    return text


def flags(row: CuratedObservation) -> Iterator[dict[str, Any]]:
    """Return OBIS's and the portal's flags with code, sentence, source and severity."""
    for flag in ObisFlag(row.obis_flags):
        yield {
            "by": "OBIS",
            "code": flag.name,
            "text": _(OBIS_FLAGS[flag]),
            "is_warning": flag != INFORMATION,
        }
    for finding in Finding(row.findings):
        is_warning = not finding & HARMLESS_FINDINGS
        yield {
            "by": _("This portal"),
            "code": finding.name,
            "text": _(FINDINGS[finding]),
            "is_warning": is_warning,
        }


def as_given(row: CuratedObservation) -> list[tuple[str, str]]:
    """Return (Darwin Core term, masked text) for values that normalization changed."""
    return [
        (term, mask(str(value))[:MAX_GIVEN]) for term, value in sorted((row.as_given or {}).items())
    ]


def reason(code: str) -> str:
    """Return why a record was rejected or withdrawn."""
    known = STATEMENTS.get(code) or WITHDRAWALS.get(code)
    return _(known) if known else f"{code.replace('_', ' ').capitalize()}."


def changed_fields(change: ObservationChange) -> list[str]:
    """Return the changed fields in words, without values."""
    names = {
        field.attname: str(field.verbose_name) for field in CuratedObservation._meta.concrete_fields
    }
    return [names.get(name, name.replace("_", " ")) for name in change.fields]
