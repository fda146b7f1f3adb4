"""Build everything that is derived from nothing, in bounded memory: tile by tile of zoom 4, its observations in chunks.

It is one transaction: readers see the old state until the new one is complete, and of a process that was killed nothing
is left. The caller holds the refresh's lock.
"""

from collections.abc import Callable, Iterator

from django.db import connection, transaction

from species.atlas import layers, sample
from species.atlas.atoms import CHUNK, PUBLISHED_SQL, Copied, Lineages
from species.atlas.compaction import gather, move
from species.atlas.counting import crowded, near_counts, wide_counts
from species.atlas.folding import fold
from species.atlas.pairs import Pairs, kept_pairs
from species.models import DataVersion

UNIT_ZOOM = 4  # of the tiles that are built one after the other; what they fold into above meets in no cell
MOST_LAYERS = 32  # that a place has before they are merged: all at once would need memory for every record there

Progress = Callable[[int, int], None]  # observations done, and all


def rebuild(progress: Progress = lambda done, total: None) -> int:
    """Build densities, counts and sample anew; answers from how many observations that can be drawn."""
    with transaction.atomic(), connection.cursor() as cursor:
        sample.recount(cursor)
        sample.draw(cursor)
        former = kept_pairs(cursor)
        cursor.execute("DELETE FROM species_density")
        done = build(cursor, former, progress)
        DataVersion.advance()
    return done


def build(cursor, former: Pairs, progress: Progress) -> int:
    lineages = Lineages()
    placed = lineages.read(cursor)
    ancestors, species = lineages.ancestors, lineages.species
    wide = crowded(wide_counts(cursor), former)
    done, total = 0, drawable_total(cursor)
    if not len(wide):
        return total
    layer = 0
    cursor.execute("CREATE TEMPORARY TABLE growing (LIKE species_density INCLUDING STORAGE) ON COMMIT DROP")
    cursor.execute("CREATE INDEX ON growing (subject, z, x, y, face, part)")
    for rows in units(cursor):
        pairs = wide | crowded(near_counts(rows, placed, ancestors, species), former)
        for atoms in rows.chunks(placed, species):
            layer += 1
            pieces: dict[str, list[bytes]] = {layers.DENSITIES: [], "growing": []}
            for some in fold(atoms, None, ancestors, pairs):
                # What lies within a unit's tiles is whole if the unit is one chunk; above them every unit adds to it.
                is_whole = some.z[0] >= UNIT_ZOOM and len(atoms) == len(rows)
                table = layers.DENSITIES if is_whole else "growing"
                pieces[table].append(layers.encode(some, 0 if is_whole else layer))
            for table, written in pieces.items():
                layers.copy_in(cursor, f"{table} ({layers.COLUMNS})", written)
            if layer % MOST_LAYERS == 0:
                cursor.execute("ANALYZE growing")
                gather(cursor, "growing", layer)
            done += len(atoms)
            progress(done, total)
    cursor.execute("ANALYZE growing")
    move(cursor, "growing")
    cursor.execute("DROP TABLE growing")
    return done


def drawable_total(cursor) -> int:
    cursor.execute("SELECT coalesce(sum(n), 0)::bigint FROM species_stratum WHERE tile >= 0")
    return cursor.fetchone()[0]


def units(cursor) -> Iterator[Copied]:
    """The observations that are drawn: those of one tile of UNIT_ZOOM, or of several that have few."""
    cursor.execute("SELECT tile, n FROM species_stratum WHERE tile >= 0 AND n > 0")
    by_unit: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for tile, n in cursor.fetchall():
        by_unit.setdefault((tile >> 6 >> 2, (tile & 63) >> 2), []).append((tile, n))
    batch: list[tuple[int, int]] = []
    for _, tiles in sorted(by_unit.items()):
        if batch and sum(n for _, n in batch + tiles) > CHUNK:
            yield of_tiles(cursor, [tile for tile, _ in batch])
            batch = []
        batch += tiles
    if batch:
        yield of_tiles(cursor, [tile for tile, _ in batch])


def of_tiles(cursor, tiles: list[int]) -> Copied:
    """The observations of tiles of zoom 6, from the index that has all that is read of them; neighbours are alike."""
    listed = ", ".join(map(str, sorted(tiles)))
    return Copied(
        cursor,
        f"FROM species_curatedobservation o WHERE o.tile IN ({listed}) AND {PUBLISHED_SQL}"
        " ORDER BY o.tile, o.taxon_ordinal",
    )
