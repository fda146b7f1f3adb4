"""Rebuild all derived data, in bounded memory, from observations in chunks.

They are read three times: in the order of taxa, of datasets and of places. In any one order, wide
tiles of common subjects would get a little from every chunk, and merging that costs more than
reading again.

It is one transaction: readers see the old state until the new one is complete, and a killed process
leaves nothing. The caller must have the lock of the refresh.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from django.db import connection, transaction

from species.density import sample, store
from species.density.aggregate import Rows, aggregate_batch
from species.density.codec import STORED_ZOOMS
from species.density.columns import CHUNK, CopiedRows, Lineages
from species.density.compaction import gather_layers, move_layers
from species.density.partitions import (
    Partitions,
    count_near_partitions,
    count_wide_partitions,
    select_crowded,
    stored_partitions,
)
from species.models import DataVersion

T = TypeVar("T")

# of the tiles that are read one after the other; there and below no two of them add to the same
# rows
UNIT_ZOOM = 4
ABOVE, BELOW = range(UNIT_ZOOM), range(UNIT_ZOOM, STORED_ZOOMS[-1] + 1)
# that a place has before they are merged: all at once would need memory for every record there
MOST_LAYERS = 32

Progress = Callable[[int, int], None]  # observations done, and all


def rebuild(progress: Progress = lambda done, total: None) -> int:
    """Rebuild densities, counts and sample; return how many drawable observations there are."""
    with transaction.atomic(), connection.cursor() as cursor:
        sample.recount_values(cursor)
        sample.draw_sample(cursor)
        former = stored_partitions(cursor)
        cursor.execute("DELETE FROM species_density")
        done = build_densities(cursor, former, progress)
        DataVersion.advance()
    return done


@dataclass(frozen=True, slots=True)
class BuildPass:
    """One reading of the observations, in units, and the partitions and zooms built from each unit."""

    units: Iterator[CopiedRows]
    partitions: Callable[[CopiedRows], Partitions]
    zooms: range
    are_apart: bool  # whether no two units add to the same rows


def build_densities(cursor, former: Partitions, progress: Progress) -> int:
    lineages = Lineages()
    index = lineages.read(cursor)
    ancestors, species = lineages.ancestors, lineages.species
    total = drawable_total(cursor)
    wide = select_crowded(count_wide_partitions(cursor), former)
    if not len(wide):
        return total
    taxa, datasets = wide.of(np.greater_equal), wide.of(np.less)

    def pairs_near(unit: CopiedRows) -> Partitions:
        return wide | select_crowded(count_near_partitions(unit, index, ancestors, species), former)

    passes = (
        BuildPass(by_taxon(cursor), lambda unit: taxa, ABOVE, are_apart=False),
        BuildPass(
            by_dataset(cursor, (-datasets.subjects(0)).tolist()),
            lambda unit: datasets,
            ABOVE,
            are_apart=True,
        ),
        BuildPass(by_place(cursor), pairs_near, BELOW, are_apart=True),
    )
    read = 0
    for each in passes:
        builder = DensityBuilder(cursor)
        for unit in each.units:
            partitions = each.partitions(unit)
            for batch in unit.chunks(index, species):
                is_whole = each.are_apart and len(batch) == len(unit)
                builder.add(
                    aggregate_batch(batch, None, ancestors, partitions, each.zooms), is_whole
                )
                read += len(batch)
                progress(read // len(passes), total)
        builder.merge()
    return total


class DensityBuilder:
    """Densities being built: rows that several chunks add to wait as layers of a temporary table."""

    def __init__(self, cursor) -> None:
        self.cursor, self.layer = cursor, 0
        cursor.execute(
            "CREATE TEMPORARY TABLE growing (LIKE species_density INCLUDING STORAGE) ON COMMIT DROP"
        )
        cursor.execute("CREATE INDEX ON growing (subject, z, x, y, face, part)")

    def add(self, aggregated: Iterable[Rows], is_whole: bool) -> None:
        """Add the rows of a chunk; `is_whole`: no other chunk adds to them."""
        if is_whole:
            store.write_rows(self.cursor, ((rows, 0) for rows in aggregated))
            return
        self.layer += 1
        written = (store.encode_rows(rows, self.layer) for rows in aggregated)
        store.copy_in(self.cursor, f"growing ({store.COLUMNS})", written)
        if self.layer % MOST_LAYERS == 0:
            self.cursor.execute("ANALYZE growing")
            gather_layers(self.cursor, "growing", self.layer)

    def merge(self) -> None:
        """Merge all layers into densities."""
        self.cursor.execute("ANALYZE growing")
        move_layers(self.cursor, "growing")
        self.cursor.execute("DROP TABLE growing")


def drawable_total(cursor) -> int:
    cursor.execute("SELECT coalesce(sum(n), 0)::bigint FROM species_stratum WHERE tile >= 0")
    return cursor.fetchone()[0]


def by_taxon(cursor) -> Iterator[CopiedRows]:
    """Yield the observations of neighbouring taxa, leaving out none between two batches."""
    cursor.execute(
        "SELECT ordinal, observation_count FROM species_taxon WHERE observation_count > 0 ORDER BY ordinal"
    )
    starts = [batch[0] for batch in make_groups(cursor.fetchall())]
    for start, end in pairwise((0, *starts[1:], None)):
        before = "" if end is None else f"AND o.taxon_ordinal < {end:d}"
        yield CopiedRows.drawn(
            cursor, f"o.taxon_ordinal >= {start:d} {before}", "o.taxon_ordinal, o.dataset_id"
        )


def by_dataset(cursor, datasets: list[int]) -> Iterator[CopiedRows]:
    cursor.execute(
        "SELECT id, published_count FROM species_dataset WHERE id = ANY(%s) ORDER BY id", [datasets]
    )
    for batch in make_groups(cursor.fetchall()):
        yield CopiedRows.drawn(
            cursor, f"o.dataset_id IN ({list_numbers(batch)})", "o.dataset_id, o.taxon_ordinal"
        )


def by_place(cursor) -> Iterator[CopiedRows]:
    """Yield the observations of one tile of UNIT_ZOOM, or of several with few."""
    cursor.execute("SELECT tile, n FROM species_stratum WHERE tile >= 0 AND n > 0")
    units: dict[tuple[int, int], dict[int, int]] = {}
    for tile, n in cursor.fetchall():
        units.setdefault((tile >> 6 >> 2, (tile & 63) >> 2), {})[tile] = n
    for batch in make_groups((unit, sum(units[unit].values())) for unit in sorted(units)):
        tiles = [tile for unit in batch for tile in units[unit]]
        yield CopiedRows.drawn(
            cursor, f"o.tile IN ({list_numbers(tiles)})", "o.tile, o.taxon_ordinal"
        )


def make_groups(sized: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """Yield groups with at most CHUNK observations together, or one with more."""
    batch: list[T] = []
    size = 0
    for each, n in sized:
        if batch and size + n > CHUNK:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += n
    if batch:
        yield batch


def list_numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
