"""Cover an area with stored tiles, and find the parts in which observations are read instead.

The search goes from key tiles down to the cells of the area: a tile inside the area is one piece,
any other is divided.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from species.atlas import from_densities
from species.atlas.bounds import key_tile
from species.atlas.density_query import DensityQuery, Subject, rows_about
from species.atlas.extents import Area
from species.atlas.grid import TILE_ZOOM, Tile, in_windows
from species.atlas.sql import fetch, fill
from species.density.codec import KEY_ZOOMS, STEP, STORED_ZOOMS
from species.models import Face
from species.models.observation_queries import ObservationQuerySet

MAX_TILES_SEARCHED = 512  # of one zoom; beyond that, parts of the tiles above are read instead
MAX_PARTS = 64  # each is read by its place
Subjects = tuple[Subject, ...]

STORED_SUBJECTS = f"""
SELECT subject, x, y, max(layer) > 0 FROM species_density
WHERE {{keys}} AND face = {int(Face.TOTAL)} GROUP BY subject, x, y
"""


@dataclass(slots=True)
class Cover:
    """Tiles that together make up an area.

    `stored`: tiles by zoom and by the subjects that have densities there. `read`: tiles by the
    subjects whose observations are read there.
    """

    area: Area
    stored: dict[tuple[int, Subjects], list[Tile]] = field(default_factory=dict)
    read: dict[Subjects, list[Tile]] = field(default_factory=dict)
    has_layers: bool = False

    @property
    def is_simple(self) -> bool:
        """Whether an index finds the observations to read: they lie in few enough parts."""
        deep = (tile for tiles in self.read.values() for tile in tiles if tile.z > TILE_ZOOM)
        return sum(1 for _ in deep) <= MAX_PARTS

    def densities(
        self, wanted: DensityQuery
    ) -> tuple[tuple[DensityQuery, from_densities.StoredTiles], ...]:
        """Return the stored tiles to read, with the part of the query that each answers."""
        return tuple(
            (wanted.about(subjects), from_densities.StoredTiles.of(subjects, *tiles))
            for (_, subjects), tiles in self.stored.items()
        )

    def at_zoom(self, z: int) -> "Cover":
        """Return the cover with shallower stored tiles divided into tiles of zoom z.

        Zoom z must share its key tiles with the zooms above it.
        """
        stored: dict[tuple[int, Subjects], list[Tile]] = {}
        for (zoom, subjects), tiles in self.stored.items():
            parts = [part for tile in tiles for part in (tile.within(z) if zoom < z else [tile])]
            stored.setdefault((max(zoom, z), subjects), []).extend(parts)
        return Cover(self.area, stored, self.read, self.has_layers)

    def rows(self, rows: ObservationQuerySet) -> list[ObservationQuerySet]:
        """Return disjoint parts of the rows: those to read beside the densities."""
        found = []
        for subjects, tiles in self.read.items():
            about = rows_about(rows, subjects)
            if any(tile.z < TILE_ZOOM for tile in tiles):  # subjects with few records in the world
                found.append(in_windows(about, self.area.windows))
            if near := [tile.y << TILE_ZOOM | tile.x for tile in tiles if tile.z == TILE_ZOOM]:
                found.append(in_windows(about, self.area.windows, tile="").filter(tile__in=near))
            if deep := [tile for tile in tiles if tile.z > TILE_ZOOM]:
                parts = [part for tile in deep for part in self.area.parts(tile)]
                found.append(in_windows(about, parts))
        return found


def find_cover(subjects: Subjects, area: Area) -> Cover:
    """Return the cover of an area for subjects; one query for each key zoom reached."""
    cover = Cover(area)
    first = key_tile(Tile(area.z, 0, 0)).z
    candidates = dict.fromkeys(area.tiles(first), subjects)
    for z in STORED_ZOOMS[STORED_ZOOMS.index(first) :]:
        if z in KEY_ZOOMS and candidates:
            candidates = divide_subjects(subjects, candidates, cover)
        deeper: dict[Tile, Subjects] = {}
        for tile, its_subjects in candidates.items():
            if area.contains(tile):
                cover.stored.setdefault((z, its_subjects), []).append(tile)
            else:
                parts = (part for part in tile.within(z + STEP) if area.parts(part))
                deeper |= dict.fromkeys(parts, its_subjects)
        is_last = z == STORED_ZOOMS[-1]
        if deeper and (is_last or (z + STEP in KEY_ZOOMS and len(deeper) > MAX_TILES_SEARCHED)):
            for tile, its_subjects in candidates.items():
                if not area.contains(tile):
                    cover.read.setdefault(its_subjects, []).append(tile)
            break
        candidates = deeper
    return cover


def divide_subjects(
    subjects: Subjects, candidates: dict[Tile, Subjects], cover: Cover
) -> dict[Tile, Subjects]:
    """Return, for each key tile, its subjects with densities; add the others to `cover.read`."""
    found, has_layers = stored_subjects(subjects, candidates)
    cover.has_layers |= has_layers
    stored: dict[Tile, Subjects] = {}
    for tile, its_subjects in candidates.items():
        here = found.get(tile, set())
        if crowded := tuple(subject for subject in its_subjects if subject.number in here):
            stored[tile] = crowded
        if light := tuple(subject for subject in its_subjects if subject.number not in here):
            cover.read.setdefault(light, []).append(tile)
    return stored


def stored_subjects(subjects: Subjects, keys: Iterable[Tile]) -> tuple[dict[Tile, set[int]], bool]:
    """Return the subjects with densities in each key tile, and whether any has uncompacted layers."""
    tiles = list(keys)
    found: dict[Tile, set[int]] = {}
    condition = from_densities.StoredTiles.of(subjects, *tiles).condition
    rows = fetch(fill(STORED_SUBJECTS, keys=condition))
    for subject, x, y, _ in rows:
        found.setdefault(Tile(tiles[0].z, x, y), set()).add(subject)
    return found, any(has_layers for *_, has_layers in rows)
