"""Where the numbers of an area come from: densities, observations, or the sample; as SQL that can be added up."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from django.conf import settings

from species.atlas import packed, raw, sampled
from species.atlas.areas import Area
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
from species.models.observation_queries import ObservationQuerySet

SPECIES = "Species"
ROW_OF_CELL = 32  # bits before the column in the number of a cell of the world

NOTHING = """
SELECT NULL::date AS date_start, NULL::date AS date_end, NULL::float8 AS minimum_depth_in_meters,
       NULL::float8 AS maximum_depth_in_meters, NULL::bigint AS taxon_ordinal, NULL::bigint AS dataset_id,
       NULL::int AS grid_column, NULL::int AS grid_row, 0::bigint AS n WHERE false
"""
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


@dataclass(frozen=True, slots=True)
class Source:
    """`stored`: the densities to read; `observed`: rows to read beside them, each for `n` records."""

    route: Route
    wanted: Slice | None
    stored: tuple[packed.Stored, ...]
    observed: Sql

    def entries(self, kind: Kind, z: int) -> Sql:
        """(key, n), from the densities and a table `observed`; cells are those of tiles of zoom z."""
        found = [self.packed(stored, kind) for stored in self.stored]
        return union([*found, Sql(SUMS[kind].replace("{shift}", str(GRID_BITS - z - CELL_BITS)))])

    def packed(self, stored: packed.Stored, kind: Kind) -> Sql:
        if self.wanted is None:
            return Sql("")
        match kind:
            case Kind.PROFILE:
                return keys_of(packed.profiles(stored, self.wanted))
            case Kind.CELL:
                return fill(
                    f"SELECT (y::bigint << {CELL_BITS} | (key >> {CELL_BITS})) << {ROW_OF_CELL}"
                    f" | (x << {CELL_BITS} | (key & 63)) AS key, n FROM ({{entries}}) stored",
                    entries=packed.cells(stored, self.wanted),
                )
            case Kind.DATASET:
                return keys_of(stored.entries(Face.DATASET, "key"))
            case Kind.SPECIES:
                return species_in(stored, self.wanted.subjects)


SUMS = {
    Kind.PROFILE: f"SELECT {raw.PROFILE} AS key, n FROM observed",
    Kind.CELL: f"SELECT (grid_row >> {{shift}})::bigint << {ROW_OF_CELL} | (grid_column >> {{shift}}) AS key, n"
    " FROM observed WHERE grid_row IS NOT NULL",
    Kind.SPECIES: SPECIES_OF_TAXA,
    Kind.DATASET: "SELECT dataset_id AS key, n FROM observed",
}


def keys_of(entries: Sql) -> Sql:
    return fill("SELECT key, n FROM ({entries}) stored", entries=entries)


def species_in(stored: packed.Stored, subjects: Iterable[Subject]) -> Sql:
    """Species among all records, or those of datasets; of taxa, the species below them among all records."""
    taxa = [subject.ordinals for subject in subjects if subject.ordinals]
    if not taxa:
        return keys_of(stored.entries(Face.SPECIES, "key"))
    ranges = " OR ".join("ordinal >= %s" + (" AND ordinal < %s" if end is not None else "") for _, end in taxa)
    ends = tuple(number for ordinals in taxa for number in ordinals if number is not None)
    below = Sql(f"key IN (SELECT aphia_id FROM species_taxon WHERE {ranges})", ends)
    return keys_of(stored.about(EVERYTHING).entries(Face.SPECIES, "key", below))


def source_of(selection: ObservationFilter, area: Area, kind: Kind) -> Source:
    """The source of the numbers of a kind that says the most, and says it exactly where it can."""
    wanted = slice_of(selection)
    if wanted and not wanted.subjects:
        return Source(Route.EMPTY, None, (), Sql(NOTHING))
    parts = {part_of(selection, window.bbox) for window in area.windows}
    rows = rows_of(selection)
    if wanted and parts == {Part.ALL} and is_kept(kind, wanted):
        return from_densities(wanted, area, rows)
    windows = windows_asked_for(selection, list(area.windows))
    way = reading(selection, windows)
    if way.is_bounded:
        return Source(Route.RAW, None, (), observed([way.found(rows, None if area.is_everywhere else windows)]))
    return sample_of(selection, area)


def sample_of(selection: ObservationFilter, area: Area) -> Source:
    windows = None if area.is_everywhere else windows_asked_for(selection, list(area.windows))
    return Source(Route.SAMPLE, None, (), sampled.observed(selection, windows) or Sql(NOTHING))


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
    packed_tiles = tuple(packed.Stored.of(wanted.about(subjects), *tiles) for subjects, tiles in stored.items())
    route = Route.RAW if not stored else Route.DELTA if has_layers else Route.PACKED
    return Source(route, wanted, packed_tiles, observed(read))


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
    return (
        fill("SELECT {columns}, 1::bigint AS n FROM ({rows}) o", columns=columns, rows=rows) if rows else Sql(NOTHING)
    )
