"""Where the numbers of an area come from: densities, observations or the sample; and what they add up to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np
from django.conf import settings

from species.atlas import packed, raw, sampled
from species.atlas.areas import Area
from species.atlas.atoms import Numbers
from species.atlas.counts import key_tile
from species.atlas.places import Part, part_of, windows_asked_for
from species.atlas.routes import Route, reading, rows_about, rows_of
from species.atlas.slices import EVERYTHING, Slice, Subject, slice_of
from species.atlas.sql import Sql, fetch, fill, union
from species.atlas.tile import Tile, not_drawable
from species.atlas.windows import Window, in_windows
from species.filters import ObservationFilter
from species.models import Face
from species.models.grid import CELL_BITS, GRID_BITS
from species.models.observation_queries import ObservationQuerySet, OrdinalRange

SPECIES = "Species"
ROW_OF_CELL = 32  # bits before the column in the number of a cell of the world

SPECIES_OF_TAXA = f"""
SELECT coalesce(species.aphia_id, 0) AS key, n
FROM (SELECT taxon_ordinal, sum(n) AS n FROM observed GROUP BY taxon_ordinal) o
JOIN species_taxon taxon ON taxon.ordinal = o.taxon_ordinal
LEFT JOIN LATERAL (
    SELECT aphia_id FROM species_taxon above
    WHERE rank = '{SPECIES}' AND aphia_id = ANY(string_to_array(rtrim(taxon.path, '/'), '/')::int[])
    ORDER BY above.path DESC LIMIT 1
) species ON true
"""
KEPT = f"""
SELECT subject, x, y, max(layer) > 0 FROM species_density
WHERE {{keys}} AND face = {int(Face.TOTAL)} GROUP BY subject, x, y
"""


class Kind(Enum):
    """What can be added up, by which key."""

    PROFILE = "years, months and depths"
    CELL = "cell of the world, row << 32 | column"
    SPECIES = "AphiaID of the species, 0 for none"
    DATASET = "dataset"


# Of a table `observed`, which `Source` makes.
KEYS = {
    Kind.PROFILE: f"SELECT {raw.PROFILE} AS key, n FROM observed",
    Kind.CELL: f"SELECT (grid_row >> {{shift}})::bigint << {ROW_OF_CELL} | (grid_column >> {{shift}}) AS key, n"
    " FROM observed WHERE grid_row IS NOT NULL",
    Kind.SPECIES: SPECIES_OF_TAXA,
    Kind.DATASET: "SELECT dataset_id AS key, n FROM observed",
}
# Keys and numbers as bytes, which are sooner sent and read than rows; where a layer stands, how many rows were read.
OBSERVED = """
SELECT -1, 0, 0, 0, read, entries FROM (
    WITH observed AS MATERIALIZED ({observed}),
    keyed AS (SELECT key::bigint AS key, sum(n)::float8 AS n FROM ({keyed}) entry GROUP BY key)
    SELECT (SELECT count(*) FROM observed) AS read,
           (SELECT string_agg(int8send(key) || float8send(n), '') FROM keyed) AS entries
) one_by_one
"""
SENT = np.dtype([("key", ">i8"), ("n", ">f8")])


class Counted(NamedTuple):
    """So many records of each key, in the order of the keys; and how many rows were read one by one for it."""

    keys: Numbers
    numbers: Numbers
    read: int


@dataclass(frozen=True, slots=True)
class Source:
    """`stored`: slices, and the densities to read of each; `observed`: rows to read beside them, each for `n`."""

    route: Route
    stored: tuple[tuple[Slice, packed.Stored], ...]
    observed: Sql

    def counted(self, kind: Kind, z: int) -> Counted:
        """Records by key; cells are those of tiles of zoom z. One statement, so that all is of one moment."""
        parts = [
            fill(f"SELECT {number}, {packed.COLUMNS} FROM ({{rows}}) stored", rows=rows_of_kind(kind, *stored))
            for number, stored in enumerate(self.stored)
        ]
        if self.observed:
            keyed = Sql(KEYS[kind].replace("{shift}", str(GRID_BITS - z - CELL_BITS)))
            parts.append(fill(OBSERVED, observed=self.observed, keyed=keyed))
        found: dict[int, list[packed.Row]] = {number: [] for number in range(-1, len(self.stored))}
        for number, *row in fetch(union(parts)) if parts else ():
            found[number].append(packed.Row(*row))
        keys, numbers, read = sent(*found[-1])
        counted = [(keys, numbers)]
        for number, (wanted, _) in enumerate(self.stored):
            counted += keyed_of_kind(kind, wanted, found[number])
        return Counted(*summed(*(np.concatenate(column) for column in zip(*counted, strict=True))), read)


def rows_of_kind(kind: Kind, wanted: Slice, stored: packed.Stored) -> Sql:
    """The rows of densities that tell of a kind; of the species of taxa those among all records tell."""
    if kind is Kind.CELL:
        return packed.rows_of_cells(stored, wanted)
    is_of_taxa = kind is Kind.SPECIES and wanted.taxa
    return (stored.about(EVERYTHING) if is_of_taxa else stored).rows(Face[kind.name])


def keyed_of_kind(kind: Kind, wanted: Slice, rows: Iterable[packed.Row]) -> Iterator[tuple[Numbers, Numbers]]:
    """Keys and counts of rows; a key may come several times."""
    match kind:
        case Kind.PROFILE:
            yield from ((some.keys, some.counts) for some in packed.profiles(rows, wanted))
        case Kind.CELL:
            for some in packed.cells(rows, wanted):
                row, column = some.y << CELL_BITS | some.keys >> CELL_BITS, some.x << CELL_BITS | some.keys & 63
                yield row << ROW_OF_CELL | column, some.counts
        case Kind.SPECIES if wanted.taxa:
            below = species_below(wanted.taxa)
            for some in packed.whole(rows):
                within = np.isin(some.keys, below)
                yield some.keys[within], some.counts[within]
        case _:
            yield from ((some.keys, some.counts) for some in packed.whole(rows))


def sent(row: packed.Row | None = None) -> tuple[Numbers, Numbers, int]:
    """Keys and numbers of what `OBSERVED` answers, and how many rows were read for it."""
    pairs = np.frombuffer(row.entries if row and row.entries else b"", SENT)
    return pairs["key"].astype(np.int64), pairs["n"].astype(np.float64), row.layer if row else 0


def summed(keys: Numbers, numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Each key once, in order, with the sum of its numbers, which are whole unless they are estimates."""
    found, where = np.unique(keys, return_inverse=True)
    return found, np.bincount(where, weights=numbers, minlength=len(found))


def species_below(taxa: Iterable[OrdinalRange]) -> Numbers:
    """The AphiaIDs of the taxa in these ranges."""
    ranges = " OR ".join("ordinal >= %s" + (" AND ordinal < %s" if end is not None else "") for _, end in taxa)
    values = tuple(number for ordinals in taxa for number in ordinals if number is not None)
    ((found,),) = fetch(Sql(f"SELECT string_agg(int4send(aphia_id), '') FROM species_taxon WHERE {ranges}", values))
    return np.frombuffer(found or b"", ">i4").astype(np.int64)


def source_of(selection: ObservationFilter, area: Area, kind: Kind) -> Source:
    """The source of the numbers of a kind that says the most, and says it exactly where it can."""
    wanted = slice_of(selection)
    if wanted and not wanted.subjects:
        return Source(Route.EMPTY, (), Sql(""))
    parts = {part_of(selection, window.bbox) for window in area.windows}
    rows = rows_of(selection)
    if wanted and parts == {Part.ALL} and is_kept(kind, wanted):
        return from_densities(wanted, area, rows)
    windows = windows_asked_for(selection, list(area.windows))
    way = reading(selection, windows)
    if way.is_bounded:
        return Source(Route.RAW, (), observed([way.found(rows, None if area.is_everywhere else windows)]))
    return sample_of(selection, area)


def sample_of(selection: ObservationFilter, area: Area) -> Source:
    windows = None if area.is_everywhere else windows_asked_for(selection, list(area.windows))
    return Source(Route.SAMPLE, (), sampled.observed(selection, windows))


def is_kept(kind: Kind, wanted: Slice) -> bool:
    """Whether densities have this kind of numbers of a slice."""
    if kind is Kind.PROFILE:
        return True
    if kind is Kind.CELL:
        return wanted.has_cells
    if wanted.years or wanted.seasons:
        return False
    numbers = wanted.numbers
    return min(numbers) >= 0 if kind is Kind.DATASET else not below_species(numbers)


def below_species(numbers: list[int]) -> bool:
    """Whether any of the taxa is a part of a species."""
    ((found,),) = fetch(
        Sql(
            "SELECT EXISTS (SELECT FROM species_taxon taxon JOIN species_taxon above ON above.rank = %s"
            " AND above.aphia_id = ANY(string_to_array(rtrim(taxon.path, '/'), '/')::int[])"
            " WHERE taxon.aphia_id = ANY(%s) AND above.aphia_id <> taxon.aphia_id)",
            (SPECIES, numbers),
        )
    )
    return found


def from_densities(wanted: Slice, area: Area, rows: ObservationQuerySet) -> Source:
    """The densities of the subjects that are kept in each key tile of an area, and the observations of the others."""
    kept, has_layers = kept_in(wanted, area)
    stored: dict[tuple[Subject, ...], list[Tile]] = {}
    light: dict[tuple[Subject, ...], list[Tile]] = {}
    for tile in area.tiles:
        here = kept.get(key_tile(tile), set())
        for found, are_kept in ((stored, True), (light, False)):
            if subjects := tuple(subject for subject in wanted.subjects if (subject.number in here) is are_kept):
                found.setdefault(subjects, []).append(tile)
    read = [
        in_windows(rows_about(rows, subjects), [Window.of_tile(tile) for tile in tiles])
        for subjects, tiles in light.items()
    ]
    if area.is_everywhere:
        read.append(not_drawable(rows))
    slices = ((wanted.about(subjects), tiles) for subjects, tiles in stored.items())
    packed_tiles = tuple((some, packed.Stored.of(some, *tiles)) for some, tiles in slices)
    route = Route.RAW if not stored else Route.DELTA if has_layers else Route.PACKED
    return Source(route, packed_tiles, observed(read))


def kept_in(wanted: Slice, area: Area) -> tuple[dict[Tile, set[int]], bool]:
    """The subjects that densities are kept of in each key tile, and whether any has changed since its compaction."""
    keys = sorted({key_tile(tile) for tile in area.tiles}, key=lambda tile: (tile.y, tile.x))
    found: dict[Tile, set[int]] = {}
    rows = fetch(fill(KEPT, keys=packed.Stored.of(wanted, *keys).condition))
    for subject, x, y, _ in rows:
        found.setdefault(Tile(keys[0].z, x, y), set()).add(subject)
    return found, any(has_layers for *_, has_layers in rows)


def observed(querysets: Iterable[ObservationQuerySet]) -> Sql:
    """The rows of all the querysets, and of each at most one more than may be read."""
    read = [Sql.of(rows.order_by().values(*raw.SUMMED)[: settings.RAW_ROW_BOUND + 1]) for rows in querysets]
    columns = Sql(", ".join(raw.SUMMED))
    rows = union(fill("({rows})", rows=rows) for rows in read if rows)
    return fill("SELECT {columns}, 1::bigint AS n FROM ({rows}) o", columns=columns, rows=rows) if rows else rows
