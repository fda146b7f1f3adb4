"""Build everything that is derived from nothing, in bounded memory: tile by tile of zoom 4, its observations in chunks.

It is one transaction: readers see the old state until the new one is complete, and of a process that was killed nothing
is left. The caller holds the refresh's lock.
"""

from collections.abc import Callable, Iterator

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from species.atlas import layers, sample
from species.atlas.atoms import CHUNK, NOBODY, PUBLISHED_SQL, Atoms, Copied, Lineages, Numbers, Placed
from species.atlas.compaction import merge_all
from species.atlas.faces import STORED_ZOOMS
from species.atlas.folding import fold
from species.atlas.pairs import Pairs, codes_of, kept_pairs, subjects_of
from species.models import DataVersion
from species.models.density import KEY_ZOOMS

UNIT_ZOOM = 4  # of the tiles that are built one after the other; what they fold into above meets in no cell
MOST_PARTS = 4_096  # chunks of a unit, in the numbers of layers
HYSTERESIS = 0.5  # a pair that is kept stays so down to this part of the threshold

Progress = Callable[[int, int], None]  # observations done, and all


def rebuild(progress: Progress = lambda done, total: None) -> int:
    """Build densities, counts and sample anew; answers from how many observations that can be drawn."""
    with transaction.atomic(), connection.cursor() as cursor:
        sample.recount(cursor)
        sample.draw(cursor)
        former = kept_pairs(cursor)
        cursor.execute("DELETE FROM species_density")
        done = build(cursor, former, progress)
        merge_all(cursor)
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
    for number, rows in enumerate(units(cursor)):
        pairs = wide | crowded(near_counts(rows, placed, ancestors, species), former)
        for part, atoms in enumerate(rows.chunks(placed, species)):
            # What lies above a unit's tiles is one layer of each chunk of all units, what lies within of its own.
            layer = {z: part if z >= UNIT_ZOOM else number * MOST_PARTS + part for z in STORED_ZOOMS}
            layers.write(cursor, ((some, layer[int(some.z[0])]) for some in fold(atoms, None, ancestors, pairs)))
            done += len(atoms)
            progress(done, total)
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
    """The observations of tiles of zoom 6, in the order of the index that has all that is read of them."""
    listed = ", ".join(map(str, sorted(tiles)))
    return Copied(
        cursor,
        f"FROM species_curatedobservation o WHERE o.tile IN ({listed}) AND {PUBLISHED_SQL}"
        " ORDER BY o.tile, o.taxon_ordinal",
    )


Counts = dict[int, tuple[Numbers, Numbers]]  # by key zoom: codes of pairs, and how many observations each has


def wide_counts(cursor) -> Counts:
    """Of the pairs of zoom 0, as the counts of taxa and datasets have them: a few that cannot be drawn included."""
    cursor.execute(
        """
        SELECT 0, coalesce(sum(published_count), 0) FROM species_dataset
        UNION ALL SELECT -id, published_count FROM species_dataset
        UNION ALL SELECT above::integer, sum(observation_count) FROM species_taxon
                  CROSS JOIN LATERAL regexp_split_to_table(rtrim(path, '/'), '/') AS above
                  WHERE observation_count > 0 AND path IS NOT NULL GROUP BY above
        """
    )
    found = np.array([(subject, int(n)) for subject, n in cursor.fetchall()], dtype=np.int64)
    return {0: (codes_of(found[:, 0], np.zeros(len(found), np.int64)), found[:, 1])}


def near_counts(rows: Copied, placed: Placed, ancestors: Numbers, species: Numbers) -> Counts:
    """Of the pairs of the deeper key zooms, where a tile has enough for any to be crowded."""
    found: dict[int, list[tuple[Numbers, Numbers]]] = {zoom: [] for zoom in KEY_ZOOMS[1:]}
    for atoms in rows.chunks(placed, species):
        for zoom, parts in found.items():
            parts.append(pair_counts(atoms, ancestors, zoom))
    return {zoom: summed(parts) for zoom, parts in found.items() if parts}


def pair_counts(atoms: Atoms, ancestors: Numbers, zoom: int) -> tuple[Numbers, Numbers]:
    tiles = atoms.tiles(zoom)
    parts = []
    for subjects in subjects_of(atoms, ancestors):
        known = subjects != NOBODY
        parts.append(np.unique(codes_of(subjects[known], tiles[known]), return_counts=True))
    return summed(parts)


def summed(parts: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    codes, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    found, where = np.unique(codes, return_inverse=True)
    return found, np.bincount(where, weights=counts, minlength=len(found)).astype(np.int64)


def crowded(counts: Counts, former: Pairs) -> Pairs:
    """The pairs with more observations than the threshold; those that were kept before may have somewhat fewer."""
    kept = {}
    for zoom, (codes, n) in counts.items():
        was_kept = np.isin(codes, former.codes[zoom])
        bar = np.where(was_kept, settings.DENSITY_THRESHOLD * HYSTERESIS, settings.DENSITY_THRESHOLD)
        kept[zoom] = codes[n > bar]
    return Pairs(kept)
