"""Validate the options of a refresh."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import GEOSException, GEOSGeometry

from species.models import RefreshMode
from species.refresh.fetch.obis import MAX_PAGE_SIZE
from species.taxon_names.identifiers import MAX_APHIA_ID, parse_aphia_id

LONGEST_GEOMETRY = 1_500  # characters; OBIS takes it in the address, and answers 414 to more
PLACE = re.compile(r"(SRID=4326;)?\s*(POLYGON|POINT)\b", re.ASCII | re.IGNORECASE)
NO_WKT = "The geometry must be a POLYGON or POINT in WKT, such as POLYGON((-10 35, 5 35, 5 45, -10 45, -10 35))."


class BadOptions(Exception):
    """Invalid options; the message is for the person who gave them."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one run; use `from_dict` for input of users."""

    mode: str = RefreshMode.INCREMENTAL
    by: str = "updated"
    start_date: date | None = None
    end_date: date | None = None
    pages: int | None = None
    page_size: int = 5_000
    taxon_ids: tuple[int, ...] = ()
    dataset_ids: tuple[str, ...] = ()
    geometry: str = ""
    dry_run: bool = False
    resume: bool = True
    yes: bool = False
    enrich: bool = True
    # a dataset whose staged state is to be published in spite of the safety threshold
    accept: str = ""

    @classmethod
    def from_dict(cls, given: Mapping[str, Any], today: date | None = None) -> Self:
        """Return validated options. Raises BadOptions.

        Dates are dates or ISO text; lists are lists or text with commas.
        """
        unknown = set(given) - {field.name for field in fields(cls)}
        if unknown:
            raise BadOptions(f"There is no option {', '.join(sorted(unknown))}.")
        values = {"page_size": settings.OBIS_PAGE_SIZE} | {
            k: v for k, v in given.items() if v not in (None, "", [], ())
        }
        mode = values.setdefault("mode", RefreshMode.INCREMENTAL)
        if mode not in (RefreshMode.INCREMENTAL, RefreshMode.FULL):
            raise BadOptions(f"The mode must be incremental or full, not {mode}.")
        if values.setdefault("by", "updated") not in ("updated", "event"):
            raise BadOptions(f"--by must be updated or event, not {values['by']}.")
        if values["by"] == "event" and mode != RefreshMode.INCREMENTAL:
            raise BadOptions(
                "--by event belongs to an incremental run: a full one reads everything."
            )
        values["page_size"] = parse_whole_number(values["page_size"], "page size", MAX_PAGE_SIZE)
        if "pages" in values:
            values["pages"] = parse_whole_number(values["pages"], "number of pages", 1_000_000)
        values["taxon_ids"] = tuple(
            parse_whole_number(parse_aphia_id(str(i)) or i, "AphiaID", MAX_APHIA_ID)
            for i in split_list(values.get("taxon_ids", ()))
        )
        values["dataset_ids"] = tuple(
            parse_dataset_id(i) for i in split_list(values.get("dataset_ids", ()))
        )
        values["geometry"] = parse_geometry(str(values.get("geometry", "")).strip())
        if values.get("accept"):
            values["accept"] = parse_dataset_id(values["accept"])
        values |= parse_window(values, today or date.today())
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the options that differ from the defaults, for JSON."""
        default = type(self)()
        changed = {k: v for k, v in asdict(self).items() if v != getattr(default, k)}
        return {
            k: v.isoformat() if isinstance(v, date) else list(v) if isinstance(v, tuple) else v
            for k, v in changed.items()
        }

    @property
    def is_one_off(self) -> bool:
        """Return whether the run reads parts of datasets, and so withdraws nothing."""
        return bool(self.taxon_ids or self.geometry or self.by == "event")

    def scope_parameters(self) -> dict[str, str]:
        """Return OBIS's parameters for each page, without the dataset."""
        scope = {k: v for k, v in settings.REFRESH_SCOPE.items() if v and k != "datasetid"}
        if self.taxon_ids:
            scope["taxonid"] = ",".join(map(str, sorted(set(self.taxon_ids))))
        if self.geometry:
            scope["geometry"] = self.geometry
        if self.by == "event" and self.start_date and self.end_date:
            scope |= {
                "startdate": self.start_date.isoformat(),
                "enddate": self.end_date.isoformat(),
            }
        return scope


def split_list(value: Any) -> list[str]:
    """Return the elements of a list, or of text with commas, as texts."""
    members = value if isinstance(value, list | tuple) else [value]
    return [part.strip() for member in members for part in str(member).split(",") if part.strip()]


def parse_whole_number(value: Any, what: str, most: int) -> int:
    """Return a number between 1 and `most`. Raises BadOptions."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadOptions(f"The {what} must be a whole number, not {value}.") from None
    if not 1 <= number <= most:
        raise BadOptions(f"The {what} must be between 1 and {most:,}, not {number}.")
    return number


def parse_dataset_id(value: Any) -> str:
    """Return a UUID in its usual spelling. Raises BadOptions."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise BadOptions(f"{value} is no dataset id: OBIS names datasets by UUIDs.") from None


def parse_geometry(text: str) -> str:
    """Return the WKT of an area or point that OBIS can search. Raises BadOptions."""
    if not text:
        return ""
    if len(text) > LONGEST_GEOMETRY:
        raise BadOptions(
            f"The geometry is too long for OBIS: at most {LONGEST_GEOMETRY:,} characters."
        )
    # GEOS and GDAL read more than WKT, some of it by calling themselves at each bracket
    if not PLACE.match(text):
        raise BadOptions(NO_WKT)
    try:
        shape = GEOSGeometry(text, srid=4326)
    except (GEOSException, ValueError, TypeError):
        raise BadOptions(NO_WKT) from None
    if shape.geom_type not in ("Polygon", "Point") or shape.empty or not shape.valid or shape.hasz:
        raise BadOptions("The geometry must be one valid POLYGON or POINT in two dimensions.")
    west, south, east, north = shape.extent
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadOptions(
            "The geometry must lie within longitudes -180 to 180 and latitudes -90 to 90."
        )
    return shape.wkt


def parse_window(values: Mapping[str, Any], today: date) -> dict[str, date | None]:
    """Return the dates of the run; an incremental one without any covers the last month."""
    start, end = (
        parse_day(values.get("start_date"), "start"),
        parse_day(values.get("end_date"), "end"),
    )
    if values["mode"] != RefreshMode.INCREMENTAL:
        if start or end:
            raise BadOptions("A full refresh has no dates: it reads everything.")
        return {"start_date": None, "end_date": None}
    end = end or today
    start = start or end - timedelta(days=31)
    if start > end:
        raise BadOptions(f"The start date {start} is after the end date {end}.")
    return {"start_date": start, "end_date": end}


def parse_day(value: Any, which: str) -> date | None:
    """Return a date, from a date or ISO text. Raises BadOptions."""
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise BadOptions(f"The {which} date {value} is no day: write it as 2026-01-31.") from None
