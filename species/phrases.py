"""How a question reads: each condition of an ObservationFilter as words for people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from species import printed, printed_dates
from species.coordinates import coordinates
from species.flag_names import FLAG_WORDS
from species.masking import mask
from species.questions import plain, upper_end_text
from species.ranges import month_runs
from species.terms import BasisOfRecord, Evidence, IucnCategory, License, Source
from users import units

if TYPE_CHECKING:
    from species.filters import ObservationFilter


def of(selection: "ObservationFilter") -> list[tuple[str, str]]:
    """(parameter, words), one for each condition that narrows the question down."""
    told = [
        ("taxon", either(map(str, selection.taxa)) if selection.taxon else ""),
        ("q", _("names with “%(text)s”") % {"text": selection.q} if selection.q else ""),
        ("bbox", box(selection)),
        ("polygon", area(selection)),
        ("near", near(selection)),
        ("from" if selection.date_from or selection.date_unknown else "to", dates(selection)),
        ("months", months(selection)),
        ("depth", depth(selection)),
        ("evidence", chosen(Evidence, selection.evidence)),
        ("basis", chosen(BasisOfRecord, selection.basis)),
        ("source", chosen(Source, selection.source)),
        ("licence", chosen(License, selection.licence)),
        ("dataset", datasets(selection)),
        ("iucn", chosen(IucnCategory, selection.iucn)),
        (
            "flag",
            _("flagged %(flags)s") % {"flags": flags(selection.flag)} if selection.flag else "",
        ),
        (
            "notFlag",
            _("not flagged %(flags)s") % {"flags": flags(selection.not_flag)}
            if selection.not_flag
            else "",
        ),
        ("maxUncertainty", uncertainty(selection)),
    ]
    return [(name, phrase) for name, phrase in told if phrase]


def either(texts: Iterable[str]) -> str:
    word = _("or")
    return f" {word} ".join(texts)


def flags(names: Iterable[str]) -> str:
    return either(_("“%(text)s”") % {"text": FLAG_WORDS[name]} for name in names)


def chosen(choices: type[TextChoices], values: Iterable[str]) -> str:
    return either(str(choices(value).label) for value in values)


def box(selection: "ObservationFilter") -> str:
    if not selection.bbox:
        return ""
    sides = dict(zip(("west", "south", "east", "north"), map(plain, selection.bbox), strict=True))
    return _(printed.BOX) % sides


def area(selection: "ObservationFilter") -> str:
    if not selection.area:
        return ""
    sides = {name: f"{value:g}" for name, value in selection.area.bbox._asdict().items()}
    return _(
        "within an area of %(points)s points between %(west)s° and %(east)s° of longitude,"
        " %(south)s° and %(north)s° of latitude"
    ) % {"points": f"{selection.area.vertices:,}", **sides}


def near(selection: "ObservationFilter") -> str:
    if not selection.near:
        return ""
    latitude, longitude, kilometres = selection.near
    place = coordinates(longitude, latitude, digits=None).replace("\N{NO-BREAK SPACE}", " ")
    return _(printed.NEAR) % {"distance": units.kilometres(kilometres), "place": place}


def possibly(words: str, match: str) -> str:
    match match:
        case "possible":
            return _("possibly %(words)s") % {"words": words}
        case "possibleOrUndated":
            return _("possibly %(words)s, or undated") % {"words": words}
    return words


def dates(selection: "ObservationFilter") -> str:
    if selection.date_unknown:
        return _(printed.NO_DATE)
    first, last = selection.date_from, selection.date_to
    if first and last:
        words = _(printed.RANGE) % {"first": first, "last": last}
    elif first or last:
        words = (
            _(printed_dates.FROM) % {"day": first}
            if first
            else _(printed_dates.UNTIL) % {"day": last}
        )
    else:
        return ""
    return possibly(words, selection.date_match)


def months(selection: "ObservationFilter") -> str:
    """ "June to August", "November to February or June"."""
    if not selection.months:
        return ""
    return possibly(
        either(season(first, last) for first, last in month_runs(selection.months)),
        selection.date_match,
    )


def season(first: int, last: int) -> str:
    if first == last:
        return str(MONTHS[first])
    return _(printed.RANGE) % {"first": MONTHS[first], "last": MONTHS[last]}


def depth(selection: "ObservationFilter") -> str:
    if selection.depth is None:
        return _(printed.NO_DEPTH) if selection.depth_unknown else ""
    return possibly(
        band(plain(selection.depth.low), upper_end_text(selection.depth.high)),
        selection.depth_match,
    )


def band(low: str, high: str) -> str:
    """The depths between two ends as addresses write them, in metres; either may be open, and "<50"
    ends before 50.
    """
    told = {
        name: units.number(float(end), 6)
        for name, end in (("low", low), ("high", high.removeprefix("<")))
        if end
    }
    if high.startswith("<"):
        told["high"] = _(printed.LESS_THAN) % {"number": told["high"]}
    told["unit"] = units.short()
    if low and high:
        return _(printed.BAND) % told
    return _(printed.DEEPER if low else printed.SHALLOWER) % told


def datasets(selection: "ObservationFilter") -> str:
    titles = {row.uuid: mask(row.title) for row in selection.datasets} if selection.dataset else {}
    return either(
        titles.get(uuid, _("dataset %(uuid)s") % {"uuid": uuid}) for uuid in selection.dataset
    )


def uncertainty(selection: "ObservationFilter") -> str:
    if selection.uncertainty_unknown:
        return _(printed.NO_UNCERTAINTY)
    if selection.max_uncertainty is None:
        return ""
    return _(printed.KNOWN_TO) % {"distance": units.metres(selection.max_uncertainty)}
