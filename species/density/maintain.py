"""Keep derived data in step with the observations, and fast to read as they grow.

All code that writes observations does so inside `keep_in_sync`, in its own transaction and under the
lock of the refresh: densities, counts of values and the sample are then as new as the observations
for every reader. `maintain_densities` stores new partitions, merges layers and adapts the sample,
each step in a transaction of its own; that changes the speed of answers, never their content.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from species.density import sample, store
from species.density.aggregate import aggregate_batch
from species.density.codec import Numbers
from species.density.columns import (
    CHUNK,
    PUBLISHED_SQL,
    CopiedRows,
    LineageIndex,
    Lineages,
    ObservationBatch,
)
from species.density.compaction import compact_densities
from species.density.partitions import (
    EVERYTHING,
    OTHERS,
    Partitions,
    count_near_partitions,
    count_wide_partitions,
    has_densities,
    select_crowded,
    stored_partitions,
)
from species.density.rebuild import rebuild
from species.density.sample import count_values, update_sample
from species.models import Dataset, DataVersion, Taxon
from species.models.sample import NOT_DRAWABLE

OLD, NEW = -1, 1
Parameters = Mapping[str, Any] | Sequence[Any] | None


@contextmanager
def keep_in_sync(
    cursor, chosen: str, parameters: Parameters = None, *, all_new: bool = False
) -> Iterator[None]:
    """Update derived data when observations change, are added or removed inside.

    `chosen`: FROM ... [WHERE ...] on species_curatedobservation o. The rows that it finds before are
    compared with the same rows and with those that it finds afterwards. `all_new`: it finds none before.
    Must not be nested.
    """
    record_rows(
        cursor,
        "FROM species_curatedobservation o WHERE false" if all_new else chosen,
        parameters,
        OLD,
    )
    folds = has_densities(cursor)
    lineages = Lineages()
    before = Side(cursor, lineages, OLD) if folds else None
    yield
    found = f"o.id IN (SELECT o.id {chosen} UNION SELECT id FROM changing)"
    record_rows(
        cursor,
        chosen if all_new else f"FROM species_curatedobservation o WHERE {found}",
        parameters,
        NEW,
    )
    count_values(cursor)
    update_sample(cursor)
    if before:
        update_densities(cursor, before, Side(cursor, lineages, NEW), lineages)
    cursor.execute("DROP TABLE changing")


def record_rows(cursor, chosen: str, parameters: Parameters, sign: int) -> None:
    """Store the published rows among the chosen observations in the table `changing`."""
    is_first = sign == OLD
    cursor.execute(
        f"""
        {"CREATE TEMPORARY TABLE changing ON COMMIT DROP AS" if is_first else "INSERT INTO changing"}
        SELECT {sign} AS sign, o.id, o.taxon_ordinal, o.dataset_id, o.grid_column, o.grid_row,
               o.date_start, o.date_end, o.minimum_depth_in_meters, o.maximum_depth_in_meters,
               coalesce(o.tile, {NOT_DRAWABLE}) AS tile,
               o.obis_flags, o.findings, o.basis_of_record, o.evidence, o.license, o.source
        FROM (SELECT o.* {chosen}) o WHERE {PUBLISHED_SQL}
        """,
        parameters,
    )


class Side:
    """The observations before or after a change, with their lineages at that time."""

    def __init__(self, cursor, lineages: Lineages, sign: int) -> None:
        self.rows = CopiedRows(
            cursor, f"FROM changing o WHERE sign = {sign} AND grid_row IS NOT NULL ORDER BY id"
        )
        self.placed: LineageIndex = lineages.read(cursor, self.rows.ordinals())

    def between(self, first: int, last: int, species: Numbers) -> ObservationBatch:
        """Return the observations with ids in a range, both ends included."""
        start, end = np.searchsorted(self.rows.ids, (first, last + 1))
        return self.rows.batch(start, end, self.placed, species)


def update_densities(cursor, before: Side, after: Side, lineages: Lineages) -> None:
    """Add a layer to the stored densities for each chunk of changes."""
    species, ancestors = lineages.species, lineages.ancestors
    ids = np.union1d(before.rows.ids, after.rows.ids)
    for start in range(0, len(ids), CHUNK // 2):
        first, last = ids[start], ids[min(start + CHUNK // 2, len(ids)) - 1]
        old, new = before.between(first, last, species), after.between(first, last, species)
        old, new = drop_unchanged(old, new)
        batch = ObservationBatch.joined(old, new)
        gone = np.arange(len(batch)) < len(old)
        if len(batch):
            add_layer(
                cursor,
                batch,
                gone,
                ancestors,
                stored_partitions(cursor, subjects_among(batch, ancestors)),
            )


def drop_unchanged(
    old: ObservationBatch, new: ObservationBatch
) -> tuple[ObservationBatch, ObservationBatch]:
    """Return both batches without observations that are equal in both."""
    _, in_old, in_new = np.intersect1d(old.id, new.id, assume_unique=True, return_indices=True)
    is_same = old[in_old].equals(new[in_new])
    return old.without(in_old[is_same]), new.without(in_new[is_same])


def subjects_among(batch: ObservationBatch, ancestors: Numbers) -> list[int]:
    """Return all subjects that the batch counts for, stored or not."""
    taxa = np.unique(ancestors[np.unique(batch.lineage)])
    return [EVERYTHING, *(-np.unique(batch.dataset)).tolist(), *taxa[taxa > EVERYTHING].tolist()]


def add_layer(
    cursor,
    batch: ObservationBatch,
    gone: Numbers | None,
    ancestors: Numbers,
    partitions: Partitions,
) -> None:
    if len(partitions):
        layer = store.next_layer(cursor)
        store.write_rows(
            cursor, ((rows, layer) for rows in aggregate_batch(batch, gone, ancestors, partitions))
        )


EVERY = 100_000  # changed observations, after which a long refresh does this in between

Say = Callable[[str], None]


def maintain_densities(say: Say = lambda sentence: None) -> None:
    """Do all maintenance that is due; next to nothing where none is."""
    if Dataset.objects.published_total() > settings.DENSITY_THRESHOLD:
        store_new_partitions(say)
    compact_densities()
    with transaction.atomic(), connection.cursor() as cursor:
        if sample.adapt_sample(cursor):
            DataVersion.advance()


@dataclass(frozen=True, slots=True)
class PartitionBuild:
    """Partitions to store, an SQL condition for their observations, and the number of these."""

    partitions: Partitions
    condition: str
    n: int


def store_new_partitions(say: Say) -> None:
    """Build the densities of partitions that have become crowded; all of them if that is less work."""
    with connection.cursor() as cursor:
        former = stored_partitions(cursor)
        total = Dataset.objects.published_total()
        grown = find_grown_tiles(cursor)
        wide = list(new_wide_partitions(cursor, former))
        if not len(former) or sum(grown.values()) + sum(due.n for due in wide) > total:
            say("The densities of the map are built anew ...")
            rebuild()
            return
        lineages = Lineages()
        index = lineages.read(cursor) if wide or grown else None
        for due in wide:
            with transaction.atomic():
                rows = CopiedRows.drawn(cursor, due.condition, "o.dataset_id, o.taxon_ordinal")
                build_partitions(cursor, rows, due.partitions, lineages, index)
        for tile, n in grown.items():
            with transaction.atomic():
                store_partitions_of_tile(cursor, tile, n, former, lineages, index)


def new_wide_partitions(cursor, former: Partitions) -> Iterator[PartitionBuild]:
    """Yield newly crowded partitions of the world (zoom 0)."""
    counts = count_wide_partitions(cursor)
    new = select_crowded(counts, former) - former
    numbers = dict(zip(*(column.tolist() for column in counts[0]), strict=True))
    for code, subject in zip(new.codes[0].tolist(), new.subjects(0).tolist(), strict=True):
        yield PartitionBuild(
            Partitions({0: new.codes[0][new.codes[0] == code]}),
            subject_condition(subject),
            numbers[code],
        )


def subject_condition(subject: int) -> str:
    """Return the SQL condition for observations `o` that count for the subject."""
    if subject == EVERYTHING:
        return "true"
    if subject < EVERYTHING:
        return f"o.dataset_id = {-subject}"
    first, end = Taxon.objects.get(pk=subject).ordinal_range()
    return f"o.taxon_ordinal >= {first}" + (
        f" AND o.taxon_ordinal < {end}" if end is not None else ""
    )


def find_grown_tiles(cursor) -> dict[int, int]:
    """Return tiles of zoom 6 with many new observations, and how many they have in all.

    A partition there may have become crowded. It may be missed as long as its rows can still be read.
    """
    cursor.execute(
        """
        SELECT tile, n FROM species_stratum
        WHERE tile >= 0 AND n > %(threshold)s
          AND n - counted > greatest(%(threshold)s / 2, least(n / 20, %(bound)s / 2)) ORDER BY tile
        """,
        {"threshold": settings.DENSITY_THRESHOLD * OTHERS, "bound": settings.RAW_ROW_BOUND},
    )
    return dict(cursor.fetchall())


def store_partitions_of_tile(
    cursor, tile: int, n: int, former: Partitions, lineages: Lineages, index: LineageIndex | None
) -> None:
    rows = CopiedRows.drawn(cursor, f"o.tile = {tile}", "o.taxon_ordinal")
    if index:
        new = (
            select_crowded(
                count_near_partitions(rows, index, lineages.ancestors, lineages.species), former
            )
            - former
        )
        build_partitions(cursor, rows, new, lineages, index)
    cursor.execute("UPDATE species_stratum SET counted = %s WHERE tile = %s", [n, tile])


def build_partitions(
    cursor, rows: CopiedRows, partitions: Partitions, lineages: Lineages, index: LineageIndex | None
) -> None:
    """Build the densities of partitions from their observations, a layer for each chunk."""
    if not len(partitions) or index is None:
        return
    ancestors = lineages.ancestors
    for layer, batch in enumerate(rows.chunks(index, lineages.species)):
        store.write_rows(
            cursor, ((some, layer) for some in aggregate_batch(batch, None, ancestors, partitions))
        )
