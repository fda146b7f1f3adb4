"""Cover an area with stored tiles, and find the parts in which observations are read instead.

A view is rounded out to whole cells, or to tiles where cells would be too many. The search goes from
key tiles down to the cells of the area: a tile inside the area is one piece, any other is divided.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from species.atlas import from_densities
from species.atlas.access import rows_about
from species.atlas.bounds import key_tile
from species.atlas.density_query import DensityQuery, Subject
from species.atlas.extents import TILE_ZOOM, WORLD, Tile, Window, in_windows, windows_of
from species.atlas.sql import fetch, fill
from species.density.codec import KEY_ZOOMS, STEP, STORED_ZOOMS
from species.models import Face
from species.models.grid import CELL_BITS, GRID_BITS, GRID_SIZE
from species.models.observation_queries import ObservationQuerySet
from species.ranges import Bbox

MOST_TILES = 48  # that a view is made of; a map shows fewer, and draws their cells
# columns or rows of the 64 of the smallest cell: an edge of one, written in decimals, is that edge
SLACK = 16


@dataclass(frozen=True, slots=True)
class Area:
    """Windows of whole cells of tiles of a stored zoom; `is_everywhere`: those that cannot be drawn
    count too.
    """

    z: int
    windows: tuple[Window, ...]
    is_everywhere: bool = False

    @property
    def box(self) -> Bbox | None:
        """What it covers, in degrees; None for everything."""
        if self.is_everywhere or not self.windows:
            return None
        boxes = [window.bbox for window in self.windows]
        return Bbox(boxes[0].west, boxes[0].south, boxes[-1].east, boxes[0].north)

    def tiles(self, z: int) -> list[Tile]:
        """The tiles of a zoom that it touches, each once."""
        return list(dict.fromkeys(tile for window in self.windows for tile in window.tiles(z)))

    def parts(self, tile: Tile) -> list[Window]:
        """What of a tile belongs to it."""
        whole = Window.of_tile(tile)
        return [part for window in self.windows if (part := whole.within(window))]

    def holds(self, tile: Tile) -> bool:
        return self.parts(tile) == [Window.of_tile(tile)]

    def of_tiles(self) -> Self:
        """The same, rounded out to whole tiles."""
        return replace(
            self, windows=joined([window.rounded_out(self.z) for window in self.windows])
        )


EVERYWHERE = Area(0, (WORLD,), is_everywhere=True)


def rounded_area(view: Bbox | None) -> Area:
    """The smallest area of whole cells that holds the view, of the deepest tiles of which it does
    not need too many.
    """
    if view is None:
        return EVERYWHERE
    windows = windows_of(view)
    z = max(
        z
        for z in STORED_ZOOMS
        if z == 0 or sum(window.number_of_tiles(z) for window in windows) <= MOST_TILES
    )
    return Area(z, joined([window.rounded_out(z + CELL_BITS, SLACK) for window in windows]))


def joined(windows: list[Window]) -> tuple[Window, ...]:
    """The same, but the two sides of the antimeridian as one when they meet at its far side, and no
    part twice.
    """
    if len(windows) < 2:
        return tuple(windows)
    east, west = windows
    if west.right < east.left:
        return east, west
    return (Window(0, east.top, GRID_SIZE, east.bottom),)


def cell_box(cell: int, z: int, bits: int) -> Bbox:
    """Of a cell of tiles of a zoom, numbered as row << bits | column of the world."""
    size = 1 << (GRID_BITS - z - CELL_BITS)
    left, top = (cell & (1 << bits) - 1) * size, (cell >> bits) * size
    return Window(left, top, left + size, top + size).bbox


# tiles of one zoom, to learn what is kept in each; the parts of the tiles above are read instead
MOST_LOOKED_AT = 512
MOST_PARTS = 64  # that are read each by its place
Subjects = tuple[Subject, ...]

KEPT = f"""
SELECT subject, x, y, max(layer) > 0 FROM species_density
WHERE {{keys}} AND face = {int(Face.TOTAL)} GROUP BY subject, x, y
"""


@dataclass(slots=True)
class Cover:
    """`stored`: whole tiles, by zoom and by the subjects that densities are kept of; `read`: tiles
    by the others.
    """

    area: Area
    stored: dict[tuple[int, Subjects], list[Tile]] = field(default_factory=dict)
    read: dict[Subjects, list[Tile]] = field(default_factory=dict)
    has_layers: bool = False

    @property
    def is_simple(self) -> bool:
        """Whether what is to be read can be asked for in so few parts that an index finds them."""
        return (
            sum(tile.z > TILE_ZOOM for tiles in self.read.values() for tile in tiles) <= MOST_PARTS
        )

    def densities(
        self, wanted: DensityQuery
    ) -> tuple[tuple[DensityQuery, from_densities.StoredTiles], ...]:
        slices = ((wanted.about(subjects), tiles) for (_, subjects), tiles in self.stored.items())
        return tuple((some, from_densities.StoredTiles.of(some, *tiles)) for some, tiles in slices)

    def at_zoom(self, z: int) -> "Cover":
        """The same in tiles of this zoom, of the same band as those that lie above it."""
        stored: dict[tuple[int, Subjects], list[Tile]] = {}
        for (zoom, subjects), tiles in self.stored.items():
            parts = [part for tile in tiles for part in (tile.within(z) if zoom < z else [tile])]
            stored.setdefault((max(zoom, z), subjects), []).extend(parts)
        return Cover(self.area, stored, self.read, self.has_layers)

    def rows(self, rows: ObservationQuerySet) -> list[ObservationQuerySet]:
        """Those of the rows that are to be read, in parts that share none."""
        found = []
        for subjects, tiles in self.read.items():
            about = rows_about(rows, subjects)
            wide, near, deep = (
                [tile for tile in tiles if is_so(tile.z)]
                for is_so in (TILE_ZOOM.__gt__, TILE_ZOOM.__eq__, TILE_ZOOM.__lt__)
            )
            if wide:  # the world: subjects that have few records anywhere
                found.append(in_windows(about, self.area.windows))
            if near:
                numbers = [tile.y << TILE_ZOOM | tile.x for tile in near]
                found.append(in_windows(about, self.area.windows, tile="").filter(tile__in=numbers))
            if deep:
                parts = [part for tile in deep for part in self.area.parts(tile)]
                found.append(in_windows(about, parts))
        return found


def find_cover(wanted: DensityQuery, area: Area) -> Cover:
    """One query for each key zoom that it comes to."""
    cover = Cover(area)
    first = key_tile(Tile(area.z, 0, 0)).z
    looked = dict.fromkeys(area.tiles(first), wanted.subjects)
    for z in STORED_ZOOMS[STORED_ZOOMS.index(first) :]:
        if z in KEY_ZOOMS and looked:
            looked = kept(wanted, looked, cover)
        deeper: dict[Tile, Subjects] = {}
        for tile, subjects in looked.items():
            if area.holds(tile):
                cover.stored.setdefault((z, subjects), []).append(tile)
            else:
                deeper |= dict.fromkeys(
                    (part for part in tile.within(z + STEP) if area.parts(part)), subjects
                )
        is_last = z == STORED_ZOOMS[-1]
        if deeper and (is_last or (z + STEP in KEY_ZOOMS and len(deeper) > MOST_LOOKED_AT)):
            for tile, subjects in looked.items():
                if not area.holds(tile):
                    cover.read.setdefault(subjects, []).append(tile)
            break
        looked = deeper
    return cover


def kept(wanted: DensityQuery, looked: dict[Tile, Subjects], cover: Cover) -> dict[Tile, Subjects]:
    """Of key tiles with the subjects that are looked for: those that are kept there; the others are
    to be read.
    """
    found, has_layers = stored_subjects(wanted, looked)
    cover.has_layers |= has_layers
    stored: dict[Tile, Subjects] = {}
    for tile, subjects in looked.items():
        here = found.get(tile, set())
        if held := tuple(subject for subject in subjects if subject.number in here):
            stored[tile] = held
        if light := tuple(subject for subject in subjects if subject.number not in here):
            cover.read.setdefault(light, []).append(tile)
    return stored


def stored_subjects(
    wanted: DensityQuery, keys: Iterable[Tile]
) -> tuple[dict[Tile, set[int]], bool]:
    """The subjects that densities are kept of in each key tile, and whether any has changed since
    its compaction.
    """
    tiles = list(keys)
    found: dict[Tile, set[int]] = {}
    rows = fetch(fill(KEPT, keys=from_densities.StoredTiles.of(wanted, *tiles).condition))
    for subject, x, y, _ in rows:
        found.setdefault(Tile(tiles[0].z, x, y), set()).add(subject)
    return found, any(has_layers for *_, has_layers in rows)
