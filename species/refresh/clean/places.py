"""Read coordinates, their uncertainty and footprint, and find doubtful or vague places."""

import math
import re
import sys

from species.refresh.text import cache_short, clean_text, read_number, says_nothing
from species.rules import Rejected
from species.terms import MAXIMUM_UNCERTAINTY, Finding

# A place that may be off by more than this is vague: about a cell of the world map at a regional
# zoom.
VAGUE_METERS = 10_000.0
# A coordinate nearer to 0 was never measured, and PostGIS refuses to calculate with it.
SMALLEST = sys.float_info.min
_METERS_A_DEGREE = 111_320.0

_ON_LAND, _VAGUE, _GENERALISED = (
    int(Finding.ON_LAND),
    int(Finding.PLACE_VAGUE),
    int(Finding.PLACE_GENERALISED),
)
_UNCERTAINTY = int(Finding.UNCERTAINTY_NOT_UNDERSTOOD)
_BETWEEN_POSITIONS = re.compile(r"[^0-9eE+.\s-]+")
_FOOTPRINT_CHARACTERS = 100_000  # looked at; the widest real footprints are far shorter


def read_coordinates(longitude: object, latitude: object) -> tuple[float, float]:
    """Return (longitude, latitude) in degrees as given, or raise Rejected."""
    x, y = read_number(longitude), read_number(latitude)
    if x is None or y is None:
        absent = any(
            value is None or says_nothing(clean_text(value)) for value in (longitude, latitude)
        )
        raise Rejected("no_coordinates" if absent else "unusable_coordinates")
    if 0 < abs(x) < SMALLEST or 0 < abs(y) < SMALLEST:
        raise Rejected("unusable_coordinates")
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise Rejected("coordinates_out_of_range")
    if x == 0 and y == 0:
        raise Rejected("zero_coordinates")
    return x, y


def read_uncertainty(value: object) -> tuple[float | None, int]:
    """Return (coordinate uncertainty in metres or None, findings); 0 is not possible."""
    if value is None:
        return None, 0
    meters = read_number(value)
    if meters is not None and 0 < meters <= MAXIMUM_UNCERTAINTY:
        return meters, 0
    return None, 0 if meters is None and says_nothing(clean_text(value)) else _UNCERTAINTY


def read_footprint(value: object) -> str:
    """Return a footprint's WKT without stray quotes; "" if there is none."""
    text = clean_text(value).strip().strip("\"'")
    return "" if says_nothing(text) else text


def place_findings(
    longitude: float,
    latitude: float,
    uncertainty: float | None,
    footprint: str,
    *,
    shore_distance: float | None,
    flagged_on_land: bool,
    generalised: bool,
) -> int:
    """Return ON_LAND, PLACE_VAGUE and PLACE_GENERALISED as bits."""
    findings = _GENERALISED if generalised else 0
    if flagged_on_land or (shore_distance is not None and shore_distance < 0):
        findings |= _ON_LAND
    whole_degrees = longitude.is_integer() and latitude.is_integer()
    too_unsure = uncertainty is not None and uncertainty > VAGUE_METERS
    if (
        whole_degrees
        or too_unsure
        or (footprint and _half_width_in_meters(footprint) > VAGUE_METERS)
    ):
        findings |= _VAGUE
    return findings


@cache_short
def _half_width_in_meters(footprint: str) -> float:
    """Return half the diagonal of a footprint's box; 0 for a point or without positions."""
    if footprint[:5].upper() == "POINT":
        return 0.0
    positions = _positions(footprint[:_FOOTPRINT_CHARACTERS])
    if not positions:
        return 0.0
    xs, ys = zip(*positions, strict=True)
    width = max(xs) - min(xs)
    # a footprint across the antimeridian is not as wide as the world
    width = min(width, 360 - width)
    middle = math.radians((max(ys) + min(ys)) / 2)
    return math.hypot(width * math.cos(middle), max(ys) - min(ys)) * _METERS_A_DEGREE / 2


def _positions(wkt: str) -> list[tuple[float, float]]:
    """Return the positions in a text: the first two numbers between two brackets or commas."""
    pairs = (part.split()[:2] for part in _BETWEEN_POSITIONS.split(wkt))
    numbers = ([read_number(number) for number in pair] for pair in pairs if len(pair) == 2)
    return [
        (x, y)
        for x, y in numbers
        if x is not None and y is not None and abs(x) <= 180 and abs(y) <= 90
    ]
