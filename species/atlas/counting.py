"""Count the observations of pairs, to tell which are so crowded that densities of them are kept."""

import numpy as np
from django.conf import settings

from species.atlas.atoms import NOBODY, Atoms, Copied, Numbers, Placed
from species.atlas.pairs import Pairs, codes_of, subjects_of
from species.models.density import KEY_ZOOMS

HYSTERESIS = 0.5  # a pair that is kept stays so down to this part of the threshold

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
