"""The one function that changes what is derived from published observations: minus the old rows,
plus the new ones.

Everything that writes observations does so inside `following`, in its own transaction and under the
refresh's lock: what is kept (densities, the counts of values, the sample) is then as new as the
observations, whoever reads when.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from species.atlas import layers
from species.atlas.atoms import CHUNK, PUBLISHED_SQL, Atoms, Copied, Lineages, Numbers, Placed
from species.atlas.folding import fold
from species.atlas.pairs import EVERYTHING, Pairs, any_is_kept, kept_pairs
from species.atlas.sample import count_values, resample
from species.models.sample import NOT_DRAWABLE

OLD, NEW = -1, 1
Parameters = Mapping[str, Any] | Sequence[Any] | None


@contextmanager
def following(
    cursor, chosen: str, parameters: Parameters = None, *, all_new: bool = False
) -> Iterator[None]:
    """Keep what is derived true while the observations `o` of `chosen` are changed, added or taken
    away inside.

    `chosen`: FROM ... [WHERE ...] over species_curatedobservation o. What it finds before is looked
    at again after, and so is what it finds then: new ones. `all_new`: it finds none before, so
    nobody need look. Not to be nested.
    """
    note(
        cursor,
        "FROM species_curatedobservation o WHERE false" if all_new else chosen,
        parameters,
        OLD,
    )
    folds = any_is_kept(cursor)
    lineages = Lineages()
    before = Side(cursor, lineages, OLD) if folds else None
    yield
    found = f"o.id IN (SELECT o.id {chosen} UNION SELECT id FROM changing)"
    note(
        cursor,
        chosen if all_new else f"FROM species_curatedobservation o WHERE {found}",
        parameters,
        NEW,
    )
    count_values(cursor)
    resample(cursor)
    if before:
        refold(cursor, before, Side(cursor, lineages, NEW), lineages)
    cursor.execute("DROP TABLE changing")


def note(cursor, chosen: str, parameters: Parameters, sign: int) -> None:
    """Keep aside what the published ones among the chosen observations say now."""
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
    """The observations before or after a change, with the lineages that they had then."""

    def __init__(self, cursor, lineages: Lineages, sign: int) -> None:
        self.rows = Copied(
            cursor, f"FROM changing o WHERE sign = {sign} AND grid_row IS NOT NULL ORDER BY id"
        )
        self.placed: Placed = lineages.read(cursor, self.rows.ordinals())

    def between(self, first: int, last: int, species: Numbers) -> Atoms:
        """The atoms of observations whose id lies in the range, both ends included."""
        start, end = np.searchsorted(self.rows.ids, (first, last + 1))
        return self.rows.atoms(start, end, self.placed, species)


def refold(cursor, before: Side, after: Side, lineages: Lineages) -> None:
    """Add a layer for each chunk of changes, to the densities that are kept."""
    species, ancestors = lineages.species, lineages.ancestors
    ids = np.union1d(before.rows.ids, after.rows.ids)
    for start in range(0, len(ids), CHUNK // 2):
        first, last = ids[start], ids[min(start + CHUNK // 2, len(ids)) - 1]
        old, new = before.between(first, last, species), after.between(first, last, species)
        old, new = changed(old, new)
        atoms = Atoms.joined(old, new)
        gone = np.arange(len(atoms)) < len(old)
        if len(atoms):
            add_layer(
                cursor, atoms, gone, ancestors, kept_pairs(cursor, subjects_among(atoms, ancestors))
            )


def changed(old: Atoms, new: Atoms) -> tuple[Atoms, Atoms]:
    """Without those in which nothing that counts is another."""
    _, in_old, in_new = np.intersect1d(old.id, new.id, assume_unique=True, return_indices=True)
    is_same = old[in_old].equals(new[in_new])
    return old.without(in_old[is_same]), new.without(in_new[is_same])


def subjects_among(atoms: Atoms, ancestors: Numbers) -> list[int]:
    """Whatever the atoms count in, as SQL takes it; what is no subject is found nowhere."""
    taxa = np.unique(ancestors[np.unique(atoms.lineage)])
    return [EVERYTHING, *(-np.unique(atoms.dataset)).tolist(), *taxa[taxa > EVERYTHING].tolist()]


def add_layer(cursor, atoms: Atoms, gone: Numbers | None, ancestors: Numbers, pairs: Pairs) -> None:
    if len(pairs):
        layer = layers.next_layer(cursor)
        layers.write(cursor, ((rows, layer) for rows in fold(atoms, gone, ancestors, pairs)))
