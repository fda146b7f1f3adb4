"""Which stored tiles an area is made of, and in which of its parts observations are read because no
densities are kept.

From the tiles at which it is decided what is kept, down to the cells of the area: a tile that lies
in it as a whole is one piece, of any other the tiles within are looked at.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from species.atlas import packed
from species.atlas.areas import Area
from species.atlas.counts import key_tile
from species.atlas.faces import KEY_ZOOMS, STEP, STORED_ZOOMS
from species.atlas.routes import rows_about
from species.atlas.slices import Slice, Subject
from species.atlas.sql import fetch, fill
from species.atlas.tile import TILE_ZOOM, Tile
from species.atlas.windows import in_windows
from species.models import Face
from species.models.observation_queries import ObservationQuerySet

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

    def densities(self, wanted: Slice) -> tuple[tuple[Slice, packed.Stored], ...]:
        slices = ((wanted.about(subjects), tiles) for (_, subjects), tiles in self.stored.items())
        return tuple((some, packed.Stored.of(some, *tiles)) for some, tiles in slices)

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


def cover_of(wanted: Slice, area: Area) -> Cover:
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


def kept(wanted: Slice, looked: dict[Tile, Subjects], cover: Cover) -> dict[Tile, Subjects]:
    """Of key tiles with the subjects that are looked for: those that are kept there; the others are
    to be read.
    """
    found, has_layers = kept_in(wanted, looked)
    cover.has_layers |= has_layers
    stored: dict[Tile, Subjects] = {}
    for tile, subjects in looked.items():
        here = found.get(tile, set())
        if held := tuple(subject for subject in subjects if subject.number in here):
            stored[tile] = held
        if light := tuple(subject for subject in subjects if subject.number not in here):
            cover.read.setdefault(light, []).append(tile)
    return stored


def kept_in(wanted: Slice, keys: Iterable[Tile]) -> tuple[dict[Tile, set[int]], bool]:
    """The subjects that densities are kept of in each key tile, and whether any has changed since
    its compaction.
    """
    tiles = list(keys)
    found: dict[Tile, set[int]] = {}
    rows = fetch(fill(KEPT, keys=packed.Stored.of(wanted, *tiles).condition))
    for subject, x, y, _ in rows:
        found.setdefault(Tile(tiles[0].z, x, y), set()).add(subject)
    return found, any(has_layers for *_, has_layers in rows)
