"""Count the observations of pairs, to tell which are so crowded that densities of them are kept."""

import numpy as np
from django.conf import settings

from species.atlas.atoms import NOBODY, Atoms, Copied, Numbers, Placed
from species.atlas.pairs import EVERYTHING, Pairs, codes_of, subjects_in, subjects_of
from species.models.density import KEY_ZOOMS

# What is no taxon is in no covering index, or asked for most: it is kept from this part of the
# threshold on.
OTHERS = 0.25
HYSTERESIS = 0.5  # a pair that is kept stays so down to this part of the threshold

# by key zoom: codes of pairs, and how many observations each has
Counts = dict[int, tuple[Numbers, Numbers]]


def wide_counts(cursor) -> Counts:
    """Of the pairs of zoom 0, as the counts of taxa and datasets have them: a few that cannot be
    drawn included.
    """
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
    found: dict[int, list[tuple[Numbers, Numbers]]] = {}
    busy = {zoom: busy_tiles(rows, zoom) for zoom in KEY_ZOOMS[1:]}
    for atoms in rows.chunks(placed, species) if any(map(len, busy.values())) else ():
        for zoom, tiles in busy.items():
            within = np.isin(atoms.tiles(zoom), tiles)
            if within.any():
                found.setdefault(zoom, []).append(pair_counts(atoms[within], ancestors, zoom))
    return {zoom: summed(parts) for zoom, parts in found.items()}


def busy_tiles(rows: Copied, zoom: int) -> Numbers:
    """The tiles of a zoom in which any pair can be crowded."""
    parts = [np.unique(tiles, return_counts=True) for tiles in rows.tiles(zoom)]
    tiles, n = summed(
        [(tiles, n.astype(np.int64)) for tiles, n in parts]
        or [(np.empty(0, int), np.empty(0, int))]
    )
    return tiles[n > settings.DENSITY_THRESHOLD * OTHERS * HYSTERESIS]


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
    """The pairs with more observations than the threshold; those that were kept before may have
    somewhat fewer.
    """
    kept = {}
    for zoom, (codes, n) in counts.items():
        was_kept, is_taxon = np.isin(codes, former.codes[zoom]), subjects_in(codes) > EVERYTHING
        part = np.where(was_kept, HYSTERESIS, 1) * np.where(is_taxon, 1, OTHERS)
        kept[zoom] = codes[n > settings.DENSITY_THRESHOLD * part]
    return Pairs(kept)
