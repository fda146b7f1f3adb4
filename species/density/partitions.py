"""Partitions (a subject and a key tile): which are stored, and how many observations each has."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from django.conf import settings

from species.density.codec import Numbers
from species.density.columns import NO_ANCESTOR, CopiedRows, LineageIndex, ObservationBatch
from species.models.density import KEY_ZOOMS, Face

# the subject of all observations; taxa are their AphiaID, datasets minus their number
EVERYTHING = 0
TILE_BITS = 2 * max(KEY_ZOOMS)
LOWEST = -(2**31)


def partition_codes(subjects: Numbers, tiles: Numbers) -> Numbers:
    return (subjects - LOWEST) << TILE_BITS | tiles


def subjects_of_codes(codes: Numbers) -> Numbers:
    return (codes >> TILE_BITS) + LOWEST


class Partitions:
    """A set of partitions; those of one key zoom are numbered in the order of their codes."""

    def __init__(self, codes: dict[int, Numbers]) -> None:
        """`codes`: by key zoom, the `partition_codes` of subjects and tiles (y << zoom | x)."""
        self.codes = {zoom: np.unique(codes.get(zoom, np.empty(0, np.int64))) for zoom in KEY_ZOOMS}

    def __len__(self) -> int:
        return sum(map(len, self.codes.values()))

    def __sub__(self, other: "Partitions") -> "Partitions":
        return Partitions(
            {zoom: np.setdiff1d(codes, other.codes[zoom]) for zoom, codes in self.codes.items()}
        )

    def __or__(self, other: "Partitions") -> "Partitions":
        return Partitions(
            {zoom: np.union1d(codes, other.codes[zoom]) for zoom, codes in self.codes.items()}
        )

    def of(self, are: Callable[[Numbers, int], Numbers]) -> "Partitions":
        """Return the partitions whose subjects compare so with 0: taxa are greater, datasets less."""
        return Partitions(
            {
                zoom: codes[are(subjects_of_codes(codes), EVERYTHING)]
                for zoom, codes in self.codes.items()
            }
        )

    def subjects(self, zoom: int) -> Numbers:
        return subjects_of_codes(self.codes[zoom])

    def tiles(self, zoom: int) -> Numbers:
        return self.codes[zoom] & ((1 << TILE_BITS) - 1)

    def places(self, zoom: int, subjects: Numbers, tiles: Numbers) -> Numbers:
        """Return the number of each partition, -1 for those not in the set."""
        codes, known = partition_codes(subjects, tiles), self.codes[zoom]
        if not len(known):
            return np.full(len(codes), -1)
        place = np.searchsorted(known, codes)
        place[place == len(known)] = 0
        return np.where(known[place] == codes, place, -1)


def stored_partitions(cursor, subjects: Iterable[int] | None = None) -> Partitions:
    """Return the partitions with densities, of these subjects (None: of all)."""
    chosen = "" if subjects is None else "AND subject = ANY(%(subjects)s)"
    cursor.execute(
        f"""
        SELECT subject, z, y::bigint << z | x FROM species_density
        WHERE face = {int(Face.TOTAL)} AND layer = 0 AND z IN {KEY_ZOOMS} {chosen}
        """,
        {"subjects": list(subjects or ())},
    )
    found = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    return Partitions(
        {z: partition_codes(*found[found[:, 1] == z][:, [0, 2]].T) for z in KEY_ZOOMS}
    )


def has_densities(cursor) -> bool:
    cursor.execute("SELECT EXISTS (SELECT FROM species_density)")
    return cursor.fetchone()[0]


def subjects_of(batch: ObservationBatch, ancestors: Numbers) -> Iterable[Numbers]:
    """Yield the subjects that observations count for: everything, the dataset, each ancestor."""
    yield np.full(len(batch), EVERYTHING, dtype=np.int64)
    yield -batch.dataset
    for step in range(ancestors.shape[1]):
        yield ancestors[batch.lineage, step]


@dataclass(frozen=True, slots=True)
class Memberships:
    """Observation `atom[i]` counts for partition `pair[i]`."""

    atom: Numbers
    pair: Numbers


def find_memberships(
    batch: ObservationBatch, ancestors: Numbers, partitions: Partitions, zoom: int
) -> Memberships:
    """Return the partitions of a key zoom that each observation counts for."""
    tiles = batch.tiles(zoom)
    # Neighbours are mostly alike, so pairs are looked up once for each run of equal atoms.
    differs = (np.diff(batch.lineage) != 0) | (np.diff(batch.dataset) != 0) | (np.diff(tiles) != 0)
    starts = np.flatnonzero(np.concatenate(([True], differs)))
    lengths = np.diff(np.append(starts, len(batch)))
    runs, run_tiles = batch[starts], tiles[starts]
    atom, pair = [], []
    for subjects in subjects_of(runs, ancestors):
        place = np.where(subjects == NO_ANCESTOR, -1, partitions.places(zoom, subjects, run_tiles))
        places = np.repeat(place, lengths)
        atom.append(np.flatnonzero(places >= 0))
        pair.append(places[atom[-1]])
    return Memberships(np.concatenate(atom), np.concatenate(pair))


# What is no taxon is in no covering index, or asked for most: it is kept from this part of the
# threshold on.
OTHERS = 0.25
HYSTERESIS = 0.5  # a pair that is kept stays so down to this part of the threshold

# by key zoom: codes of pairs, and how many observations each has
Counts = dict[int, tuple[Numbers, Numbers]]


def count_wide_partitions(cursor) -> Counts:
    """Count the partitions of zoom 0, from the counts of taxa and datasets.

    A few observations that cannot be drawn are included.
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
    return {0: (partition_codes(found[:, 0], np.zeros(len(found), np.int64)), found[:, 1])}


def count_near_partitions(
    rows: CopiedRows, index: LineageIndex, ancestors: Numbers, species: Numbers
) -> Counts:
    """Count the partitions of deeper key zooms, in tiles with enough observations to be crowded."""
    found: dict[int, list[tuple[Numbers, Numbers]]] = {}
    busy = {zoom: find_busy_tiles(rows, zoom) for zoom in KEY_ZOOMS[1:]}
    for batch in rows.chunks(index, species) if any(map(len, busy.values())) else ():
        for zoom, tiles in busy.items():
            within = np.isin(batch.tiles(zoom), tiles)
            if within.any():
                found.setdefault(zoom, []).append(count_partitions(batch[within], ancestors, zoom))
    return {zoom: sum_parts(parts) for zoom, parts in found.items()}


def find_busy_tiles(rows: CopiedRows, zoom: int) -> Numbers:
    """Return the tiles of a zoom in which any partition can be crowded."""
    parts = [np.unique(tiles, return_counts=True) for tiles in rows.tiles(zoom)]
    tiles, n = sum_parts(
        [(tiles, n.astype(np.int64)) for tiles, n in parts]
        or [(np.empty(0, int), np.empty(0, int))]
    )
    return tiles[n > settings.DENSITY_THRESHOLD * OTHERS * HYSTERESIS]


def count_partitions(
    batch: ObservationBatch, ancestors: Numbers, zoom: int
) -> tuple[Numbers, Numbers]:
    tiles = batch.tiles(zoom)
    parts = []
    for subjects in subjects_of(batch, ancestors):
        known = subjects != NO_ANCESTOR
        parts.append(np.unique(partition_codes(subjects[known], tiles[known]), return_counts=True))
    return sum_parts(parts)


def sum_parts(parts: list[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    codes, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    found, where = np.unique(codes, return_inverse=True)
    return found, np.bincount(where, weights=counts, minlength=len(found)).astype(np.int64)


def select_crowded(counts: Counts, former: Partitions) -> Partitions:
    """Return the partitions with more observations than the threshold.

    Those stored before may have somewhat fewer.
    """
    kept = {}
    for zoom, (codes, n) in counts.items():
        was_kept, is_taxon = (
            np.isin(codes, former.codes[zoom]),
            subjects_of_codes(codes) > EVERYTHING,
        )
        part = np.where(was_kept, HYSTERESIS, 1) * np.where(is_taxon, 1, OTHERS)
        kept[zoom] = codes[n > settings.DENSITY_THRESHOLD * part]
    return Partitions(kept)
