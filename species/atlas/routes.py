"""Which way leads to the answer: the stored densities, the observations themselves, or the sample of them.

What decides are the conditions of the selection and how many observations each subject has, as the densities know it.
Thresholds affect the speed of an answer, never what it says.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from species.atlas.faces import KEY_ZOOMS, STORED_ZOOMS
from species.atlas.slices import EVERYTHING, PLACES, TAXA, Subject, subjects_of
from species.atlas.sql import Sql, fetch
from species.atlas.tile import Tile
from species.filters import ObservationFilter
from species.models import CuratedObservation, Face
from species.models.observation_queries import ObservationQuerySet

DEEPEST = STORED_ZOOMS[-1] + 1  # a tile of an odd zoom shows a quarter of the one above
COVERED = TAXA | {"from", "to", "dateMatch", "months", "depth", "depthMatch", "dataset"}
COST_OF_A_ROW = 4  # of reading it from the table, when reading it from a covering index is 1


class Route(StrEnum):
    """How an answer was found."""

    PACKED = "packed"  # densities, compacted
    DELTA = "delta"  # densities and what has changed since
    RAW = "raw"  # all observations that match
    SINGLE = "single"  # the same, drawn one by one
    SAMPLE = "sample"  # a sample of the observations: an estimate
    EMPTY = "empty"  # nothing can match


def key_tile(tile: Tile) -> Tile:
    """The tile at which it is decided whether densities are kept of a subject here."""
    return tile.at_zoom(max(zoom for zoom in KEY_ZOOMS if zoom <= tile.z))


def stored_zoom(tile: Tile) -> int:
    return min(tile.z - tile.z % 2, STORED_ZOOMS[-1])


def stored_tile(tile: Tile) -> Tile:
    """The tile of a stored zoom that has the cells of this one, or of one that is deeper, the last above it."""
    return tile.at_zoom(stored_zoom(tile))


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read observations: at most `cost` rows of a covering index; `by_place`: found by the index on places."""

    cost: float
    by_place: bool = False

    @property
    def is_bounded(self) -> bool:
        return self.cost <= settings.RAW_ROW_BOUND

    @property
    def is_quick(self) -> bool:
        """So few rows that the table may be read as well."""
        return self.cost <= settings.DENSITY_THRESHOLD * (COST_OF_A_ROW if self.by_place else 1)


def reading(selection: ObservationFilter, tile: Tile, subjects: Iterable[Subject] | None = None) -> Reading:
    """The cheapest way to what the selection asks for in a tile, of these subjects if they are given; one query."""
    about = list(subjects if subjects is not None else subjects_of(selection))
    taxa = [subject for subject in about if subject.number > 0] or [EVERYTHING]
    most = counts_around(tile, taxa)
    row = 1 if selection.canonical.keys() <= COVERED | PLACES else COST_OF_A_ROW
    ways = [Reading(row * most(taxa, zoom)) for zoom in KEY_ZOOMS[:2] if zoom <= tile.z]
    if tile.z >= KEY_ZOOMS[1]:
        ways.append(Reading(COST_OF_A_ROW * most([EVERYTHING], stored_zoom(tile)), by_place=True))
    if selection.dataset:
        ways.append(Reading(COST_OF_A_ROW * sum(dataset.published_count for dataset in selection.datasets)))
    return min(ways, key=lambda way: way.cost)


def counts_around(tile: Tile, subjects: list[Subject]) -> Callable[[list[Subject], int], int]:
    """A function that says how many observations subjects have at most in the tile of a zoom around this one."""
    places = {tile.at_zoom(zoom) for zoom in (*KEY_ZOOMS, stored_zoom(tile)) if zoom <= tile.z}
    numbers = sorted({EVERYTHING.number, *(subject.number for subject in subjects)})
    query = Sql(
        "SELECT subject, z, sum(n)::bigint FROM (SELECT subject, z, unnest(counts)::bigint AS n FROM species_density"
        f" WHERE subject = ANY(%s) AND (z, x, y) IN ({', '.join(['(%s, %s, %s)'] * len(places))})"
        f" AND face = {int(Face.TOTAL)}) entry GROUP BY subject, z",
        (numbers, *(number for place in places for number in (place.z, place.x, place.y))),
    )
    counted = {(subject, zoom): number for subject, zoom, number in fetch(query)}

    def most(subjects: list[Subject], zoom: int) -> int:
        return sum(counted.get((subject.number, zoom), settings.DENSITY_THRESHOLD) for subject in subjects)

    return most


def rows_of(selection: ObservationFilter) -> ObservationQuerySet:
    return CuratedObservation.objects.published().matching(selection)


def rows_about(rows: ObservationQuerySet, subjects: Iterable[Subject] | None) -> ObservationQuerySet:
    """Those of the rows that are about any of these subjects; None: about whatever they are."""
    about = list(subjects or [])
    if subjects is None or EVERYTHING in about:
        return rows
    if datasets := [-subject.number for subject in about if subject.number < 0]:
        return rows.filter(dataset__in=datasets)
    return rows.in_taxa([subject.ordinals for subject in about if subject.ordinals])
