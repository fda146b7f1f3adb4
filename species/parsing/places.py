"""Boxes and circles, as in addresses or as our pages print them."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from species.parsing import printed
from species.parsing.numbers import only_reading, parse_angle, parse_length
from species.parsing.printed import match_message, split_list
from species.parsing.texts import typed_text
from species.ranges import Bbox, Circle

MAX_LONGITUDE = 3_600  # a map may have been dragged round the world
MAX_KILOMETRES = 5_000.0


def parse_bbox(values: Iterable[str]) -> Bbox | None:
    """Return west,south,east,north in degrees, or None for no text.

    Longitudes may be turned, as a map dragged round the world has them: 190 is -170.
    """
    text = typed_text(values)
    if not text:
        return None
    west, south, east, north = only_reading(sides_of_box(text), text)
    if not -90 <= south <= north <= 90:
        reason = _("South must be below north, and latitudes go from -90 to 90.")
        raise ValueError(reason)
    check_longitudes(west, east)
    if east - west >= 360:
        return Bbox(-180.0, south, 180.0, north)
    return Bbox(turn_longitude(west, edge=-180.0), south, turn_longitude(east, edge=180.0), north)


def sides_of_box(text: str) -> Iterator[tuple[float, ...]]:
    """Yield west, south, east and north in every reading. Raises ValueError for none."""
    names = ("west", "south", "east", "north")
    given = [
        (language, [found[name] for name in names])
        for message in (printed.BOX, printed.BOX_OF_SIDES)
        for language, found in match_message(message, text)
    ] or [("", split_list(text, 4))]
    if not given[0][1]:
        raise ValueError(_("Enter west,south,east,north in degrees, such as -10,35,5,45."))
    for language, parts in given:
        sides = zip(parts, ("EW", "NS") * 2, strict=True)
        yield tuple(parse_angle(part, side, language) for part, side in sides)


def parse_circle(values: Iterable[str]) -> Circle | None:
    """Return latitude,longitude,kilometres, in the order of GBIF; None for no text."""
    text = typed_text(values)
    if not text:
        return None
    latitude, longitude, kilometres = only_reading(circles_in(text), text)
    if not -90 <= latitude <= 90:
        reason = _("Put the latitude first. Latitudes go from -90 to 90.")
        raise ValueError(reason)
    check_longitudes(longitude)
    if not 0 < kilometres <= MAX_KILOMETRES:
        reason = _("Enter a radius above 0 and up to %(max_kilometres)s km.")
        raise ValueError(reason % {"max_kilometres": f"{MAX_KILOMETRES:,.0f}"})
    return Circle(latitude, turn_longitude(longitude, edge=180.0), kilometres)


def circles_in(text: str) -> Iterator[tuple[float, float, float]]:
    """Yield latitude, longitude and kilometres in every reading. Raises ValueError for none."""
    given = [
        (language, [*split_list(found["place"], 2), found["distance"]])
        for language, found in match_message(printed.NEAR, text)
    ] or [("", split_list(text, 3))]
    if any(len(parts) != 3 for _language, parts in given):
        raise ValueError(_("Enter latitude,longitude,kilometres, such as 54.2,7.9,50."))
    for language, (latitude, longitude, distance) in given:
        yield (
            parse_angle(latitude, "NS", language),
            parse_angle(longitude, "EW", language),
            parse_length(distance, language, of="km"),
        )


def check_longitudes(*degrees: float) -> None:
    if max(map(abs, degrees)) > MAX_LONGITUDE:
        reason = _("Longitudes can't exceed %(max_longitude)s degrees.")
        raise ValueError(reason % {"max_longitude": MAX_LONGITUDE})


def turn_longitude(degrees: float, edge: float) -> float:
    """Return the same meridian within -180..180; `edge` if it is the antimeridian, turned."""
    if -180 <= degrees <= 180:
        return degrees
    turned = round((degrees + 180) % 360 - 180, 9)
    return edge if abs(turned) == 180 else turned
