"""Make up dates, depths and circumstances of a demonstration record, in all forms known from OBIS."""

from datetime import UTC, date, datetime, timedelta
from math import cos, radians
from random import Random
from typing import Any

from species.demonstration.surveys import Survey
from species.demonstration.taxa import DemonstrationSpecies

# of all records, so that they stay the same whatever the day they are made on
LAST_DAY = date(2026, 6, 30)
ONE_DAY_MS = 86_400_000
FAR_OUT_FROM = 40.0  # degrees: poleward of here seasons show

Fields = dict[str, Any]


def dates_of(survey: Survey, one: DemonstrationSpecies, latitude: float, draw: Random) -> Fields:
    """Return the eventDate as written, with OBIS's reading of it."""
    first, last = survey.years
    year = first + int((last - first + 1) * draw.random() ** 0.5)
    day = date(year, month_of(one, latitude, draw), draw.randint(1, 28))
    if day > LAST_DAY:
        day = day.replace(year=year - 1)
    written, start, end = written_date(survey.code, day, draw)
    if start is None or end is None:
        return {"eventDate": written} if written else {}
    milliseconds = [
        int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp()) * 1000 for d in (start, end)
    ]
    middle = sum(milliseconds) // 2 // ONE_DAY_MS * ONE_DAY_MS
    return {
        "eventDate": written,
        "date_start": milliseconds[0],
        "date_mid": middle,
        "date_end": milliseconds[1],
        "date_year": datetime.fromtimestamp(middle / 1000, UTC).year,
    }


def month_of(one: DemonstrationSpecies, latitude: float, draw: Random) -> int:
    """Return a month near the species' best one; half a year later in the south.

    Without seasons, near the equator, any month is likely.
    """
    if not one.peak_month:
        return draw.randint(1, 12)
    peak = one.peak_month + (6 if latitude < 0 else 0)
    spread = 1.4 if abs(latitude) >= FAR_OUT_FROM else 2.6
    return (round(peak + draw.gauss(0, spread)) - 1) % 12 + 1


def written_date(survey: str, day: date, draw: Random) -> tuple[str, date | None, date | None]:
    """Return (text, first day, last day); the days are None if the text has none."""
    chance = draw.random()
    if survey == "museum":
        return museum_date(day, chance, draw)
    if chance < 0.01:
        return "", None, None
    if survey == "reef" and chance < 0.2:
        end = min(day + timedelta(days=draw.randint(1, 6)), LAST_DAY)
        return f"{day}/{end}", day, end
    if chance < 0.5:
        clock = f"{draw.randint(5, 20):02}:{draw.randint(0, 59):02}:00"
        return f"{day}T{clock}{draw.choice(['Z', '', '+02:00'])}", day, day
    return day.isoformat(), day, day


def museum_date(day: date, chance: float, draw: Random) -> tuple[str, date | None, date | None]:
    """Return a label's date: a year, a month, some years, a day in any spelling, or nothing."""
    first, last = day.replace(month=1, day=1), day.replace(month=12, day=31)
    if chance < 0.35:
        return str(day.year), first, last
    if chance < 0.6:
        start = day.replace(day=1)
        return (
            f"{day:%Y-%m}",
            start,
            (start + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        )
    if chance < 0.7:
        end_year = day.year + draw.randint(1, 4)
        return f"{day.year}/{end_year}", first, last.replace(year=end_year)
    if chance < 0.92:
        return day.isoformat(), day, day
    return ("", None, None) if chance < 0.98 else (f"{day:%d/%m/%Y}", None, None)


def depths_of(survey: Survey, one: DemonstrationSpecies, draw: Random) -> Fields:
    """Return depths in metres: one of a dive, two of a haul, one end of a label, or none."""
    if one.depths is None or survey.code in {"sighting", "birds"}:
        return {}
    chance, (low, high) = draw.random(), one.depths
    if chance < (0.5 if survey.code == "museum" else 0.06):
        return {}
    top = round(low + (high - low) * draw.random() ** 1.6, 1)
    if survey.code == "museum" and chance > 0.9:
        return {"maximumDepthInMeters": top, "depth": top}
    bottom = (
        top
        if survey.code == "reef"
        else round(min(high, top + (high - low) * 0.1 * draw.random()), 1)
    )
    flags: list[str] = []
    if survey.code == "trawl" and bottom > top and chance > 0.996:
        top, bottom, flags = bottom, top, ["MIN_DEPTH_EXCEEDS_MAX"]
    if survey.code == "plankton" and chance > 0.85:
        top = bottom = 0
    return {
        "minimumDepthInMeters": top,
        "maximumDepthInMeters": bottom,
        "depth": round((top + bottom) / 2, 1),
        "flags": flags,
    }


def peculiarities(survey: Survey, draw: Random) -> Fields:
    """Return counts, absences, sexes, uncertainties and licences, which vary between records."""
    fields: Fields = {}
    code, chance = survey.code, draw.random()
    if code in {"sighting", "birds", "trawl"}:
        fields["individualCount"] = str(1 + int(draw.expovariate(0.25 if code == "birds" else 0.8)))
    if code in {"birds", "trawl"} and chance < 0.04:
        fields |= {"individualCount": "0", "occurrenceStatus": "absent", "absence": True}
    if code in {"trawl", "museum"} and chance > 0.6:
        fields["sex"] = draw.choice(["male", "female", "F", "M", "U"])
        fields["lifeStage"] = draw.choice(["adult", "Adult", "juvenile", "larva", "unknown"])
    if draw.random() < 0.7:
        fields["coordinateUncertaintyInMeters"] = draw.choice(
            [10_000, 25_000, 50_000] if code == "museum" else [10, 50, 250, 1_000]
        )
    if code == "museum" and chance < 0.03:
        fields["occurrenceID"] = None
    if code == "museum" and chance > 0.97:
        fields["dataGeneralizations"] = "Coordinates rounded to protect the site."
    if code == "birds":
        fields["license"] = "http://creativecommons.org/licenses/by-nc/4.0/"
    if code == "museum" and chance < 0.5:
        fields["license"] = "CC BY 4.0"
    if code == "plankton" and chance < 0.5:
        fields["extensions"] = ["DNADerivedData"]
    return fields


def looked_up(record: Fields, latitude: float, draw: Random) -> Fields:
    """Return OBIS's values of its grids; sometimes the sea floor is above the record."""
    deepest = max(record.get("maximumDepthInMeters") or 0, record.get("minimumDepthInMeters") or 0)
    fields: Fields = {
        "bathymetry": round(deepest * draw.uniform(1.02, 1.6) + draw.uniform(1, 40)),
        "shoredistance": draw.randint(200, 90_000),
        "sst": round(max(-1.5, 31 * cos(radians(latitude * 1.25)) - 1.5 + draw.gauss(0, 1.2)), 2),
        "sss": round(draw.gauss(35, 0.8), 2),
    }
    if deepest > 120 and draw.random() < 0.01:
        fields["bathymetry"] = round(deepest / 4)
        fields["flags"] = [*record["flags"], "DEPTH_EXCEEDS_BATH"]
    return fields
