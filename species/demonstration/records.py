"""Make up raw demonstration records in OBIS's format, the same ones every time."""

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from species.demonstration.measures import dates_of, depths_of, looked_up, peculiarities
from species.demonstration.regions import REGIONS, survey_sites, wrap_longitude
from species.demonstration.sea import Place, find_at_sea
from species.demonstration.surveys import SURVEYS, Survey
from species.demonstration.taxa import DemonstrationSpecies, all_species

SLICE = 2_000
SPREAD = {"reef": 0.01, "museum": 0.05}  # degrees around a site; surveys under way spread wider
WIDE_SPREAD = 0.25
REJECTED_SHARE = 0.0015  # records that curation must refuse, so that the portal shows how it does

Record = dict[str, Any]


def plan_surveys(total: int) -> list[tuple[Survey, int]]:
    """Return how many of `total` records each survey gets."""
    counts = [int(total * survey.share) for survey in SURVEYS]
    counts[0] += total - sum(counts)
    return list(zip(SURVEYS, counts, strict=True))


def make_slices(survey: Survey, count: int) -> Iterator[list[Record]]:
    """Yield a survey's first `count` records in slices; record n does not depend on the count."""
    for start in range(0, count, SLICE):
        drafts = [draft_record(survey, n) for n in range(start, min(start + SLICE, count))]
        at_places = find_at_sea([place for _, place, _ in drafts])
        for (record, place, site), sea in zip(drafts, at_places, strict=True):
            place_record(record, place if sea else site)
        yield [spoil_record(record, n) for n, (record, _, _) in enumerate(drafts, start)]


def draft_record(survey: Survey, n: int) -> tuple[Record, Place, Place]:
    """Return (record without coordinates, wanted place, nearby place at sea)."""
    draw = Random(f"{survey.code} {n}")  # noqa: S311  # reproducible on purpose
    one = pick_species(survey, draw)
    region = one.regions[min(int(draw.expovariate(0.9)), len(one.regions) - 1)]
    around = survey_sites(region)
    site = around[(one.aphia_id + int(abs(draw.gauss(0, 14)))) % len(around)]
    spread = SPREAD.get(survey.code, WIDE_SPREAD)
    place = (
        round(wrap_longitude(site[0] + draw.gauss(0, spread)), 5),
        round(max(-78.0, min(84.0, site[1] + draw.gauss(0, spread))), 5),
    )
    record: Record = {
        "id": str(UUID(int=draw.getrandbits(128), version=4)),
        "dataset_id": str(survey.uuid),
        "occurrenceID": f"demonstration:{survey.code}:{n}",
        **one.taxon_fields,
        **survey.fields,
        "basisOfRecord": survey.basis_of_record,
        "occurrenceStatus": "present",
        "recordedBy": draw.choice(survey.recorded_by),
        "locality": REGIONS[region][0],
        "dropped": False,
        "absence": False,
        "flags": [],
    }
    record |= dates_of(survey, one, site[1], draw)
    record |= depths_of(survey, one, draw)
    record |= peculiarities(survey, draw)
    record |= looked_up(record, site[1], draw)
    if "depth" not in record:
        record["flags"] = [*record["flags"], "NO_DEPTH"]
    return record, place, site


@cache
def species_of(survey_code: str) -> list[DemonstrationSpecies]:
    """Return the species of a survey."""
    return [one for one in all_species() if survey_code in one.surveys]


def pick_species(survey: Survey, draw: Random) -> DemonstrationSpecies:
    """Return one of the survey's species: few are common and many rare."""
    candidates = species_of(survey.code)
    return candidates[int(len(candidates) * draw.random() ** 1.7)]


def place_record(record: Record, place: Place) -> None:
    """Set the coordinates of a record."""
    record["decimalLongitude"], record["decimalLatitude"] = place


def spoil_record(record: Record, n: int) -> Record:
    """Return the record, or one that curation rejects: no place, 0/0, dropped, no taxon."""
    draw = Random(f"spoiled {record['id']}")  # noqa: S311
    if draw.random() >= REJECTED_SHARE:
        return record
    kind = n % 4
    if kind == 0:
        return {key: value for key, value in record.items() if key != "decimalLatitude"} | {
            "flags": ["NO_COORD"]
        }
    if kind == 1:
        return record | {
            "decimalLongitude": 0,
            "decimalLatitude": 0,
            "flags": ["ZERO_COORD"],
            "dropped": True,
        }
    if kind == 2:
        return record | {"dropped": True, "flags": ["NOT_MARINE"]}
    return {key: value for key, value in record.items() if key != "aphiaID"} | {
        "flags": ["NO_MATCH"]
    }
