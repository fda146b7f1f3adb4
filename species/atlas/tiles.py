"""Render vector tiles: counts in cells where records are many, single records where they are few."""

from dataclasses import dataclass, replace

from species.atlas import from_densities, from_rows, from_sample, mvt
from species.atlas.access import AccessPath, QueryAccess
from species.atlas.density_query import EVERYTHING, Subject
from species.atlas.extents import Overlap
from species.atlas.grid import Tile, Window
from species.atlas.results import CellCounts, Layer, Route
from species.density.codec import STORED_ZOOMS
from species.models import DataVersion

EXTENT = 1 << from_rows.TILE_BITS  # units of a tile's side
DEEPEST = STORED_ZOOMS[-1] + 1  # a tile of an odd zoom shows a quarter of the one above
SINGLE_FROM = 12  # records are drawn one by one from this zoom on, where a tile has at most ...
MAX_SINGLE = 250


@dataclass(frozen=True, slots=True)
class RenderedTile:
    """A Mapbox Vector Tile (`body`, empty without records) with the figures of its headers.

    It stands for `total` records and shows `shown` of them. Where the total is an estimate, `low` and
    `high` are its 95 percent interval.
    """

    body: bytes
    total: int
    shown: int
    low: int
    high: int
    route: Route
    version: int


def render_tile(access: QueryAccess, tile: Tile) -> RenderedTile:
    """Return a tile of a query, in one statement where densities have all of it.

    Layer `cells`: a point in the middle of each cell with records, their number `n` and, where the
    tile has few records, the `key` of a single one. Layer `points`, in its place where records are
    drawn one by one: their places and keys. Layer `meta`: a point with the figures of the headers,
    and `side`, the number of cells on a side.
    """
    wanted, overlap = access.density_query, access.overlap(tile.box)
    if overlap is Overlap.NONE or (wanted and not wanted.subjects):
        return encode(tile, None)
    found, stored = None, None
    if wanted and wanted.has_cells and overlap is Overlap.ALL and tile.z <= DEEPEST:
        found, stored = from_densities.read_stored_cells(wanted, tile)
        if found and (tile.z < SINGLE_FROM or found.total > MAX_SINGLE):
            return encode(tile, found)
    rest = None
    if wanted:
        rest = [each for each in wanted.subjects if found or each not in (stored or ())]
    return render_rest(access, tile, found, stored, rest)


def render_rest(
    access: QueryAccess,
    tile: Tile,
    found: CellCounts | None,
    stored: list[Subject] | None,
    rest: list[Subject] | None,
) -> RenderedTile:
    """Return a tile of which rows are read: all, those that no density counts, or a sample.

    `found`: the counts, where all of them are known and few. `stored`: the subjects with densities in
    the tile (None: not looked for). `rest`: the subjects whose rows are read (None: not restricted).
    """
    windows = access.windows_in([Window.of_tile(tile)])
    # A tile without densities of everything has so few records that none need be counted first.
    is_light = stored == [] and rest == [EVERYTHING]
    path = AccessPath.of_few() if is_light else access.path(windows, rest)
    rows = access.rows_on(path, windows, rest)
    is_alone = found or not stored
    if not found and path.is_bounded:
        wanted = access.density_query
        found = from_rows.read_cells_of_rows(
            rows, tile, wanted.about(stored) if wanted and stored else None
        )
    if not found:
        return encode_sample(tile, from_sample.read_sampled_cells(access.query, windows, tile))
    if not path.is_current(found.version):
        return render_tile(QueryAccess(access.query), tile)
    few = None
    # Counting first costs less than fetching keys in vain, as for most tiles it would be.
    if is_alone and path.is_quick and 0 < found.total <= MAX_SINGLE:
        is_single = tile.z >= SINGLE_FROM
        few = from_rows.read_keyed_layer(rows, tile, MAX_SINGLE, single=is_single)
    return encode(tile, few or found)


def encode(tile: Tile, found: CellCounts | Layer | None) -> RenderedTile:
    """Return the tile of all its records; None: it has none."""
    if not found:
        return RenderedTile(b"", 0, 0, 0, 0, Route.EMPTY, DataVersion.current())
    body = (
        found.body if isinstance(found, Layer) else mvt.encode_cells("cells", EXTENT, found.counts)
    )
    total = found.total
    return with_meta(
        tile, RenderedTile(body, total, total, total, total, found.route, found.version)
    )


def encode_sample(tile: Tile, found: from_sample.SampledLayer | None) -> RenderedTile:
    """Return the tile of estimated numbers; None: nothing can match."""
    if not found:
        return encode(tile, None)
    estimate = found.estimate
    numbers = estimate.number, estimate.found, estimate.low, estimate.high
    return with_meta(tile, RenderedTile(found.body, *numbers, Route.SAMPLE, found.version))


def with_meta(tile: Tile, rendered: RenderedTile) -> RenderedTile:
    """Return the tile with its `meta` layer; with no body where it stands for no records."""
    if not rendered.high:
        return replace(rendered, body=b"")
    names = ("total", "shown", "low", "high", "version")
    properties = {name: getattr(rendered, name) for name in names} | {
        "sampled": int(rendered.route is Route.SAMPLE),
        "route": rendered.route.value,
        "side": tile.side,
    }
    return replace(rendered, body=rendered.body + mvt.encode_point("meta", EXTENT, properties))
