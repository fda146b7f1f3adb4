"""Aggregate observations into rows of densities, by partition, zoom and face."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np

from species.density.codec import (
    BANDS,
    CELL_BITS,
    SEASON_BITS,
    STORED_ZOOMS,
    YEAR_BITS,
    Numbers,
    part_of_year,
    profile_keys,
    season_keys,
    span_keys,
    year_keys,
)
from species.density.columns import NO_SPECIES, ObservationBatch
from species.density.partitions import EVERYTHING, Memberships, Partitions, find_memberships
from species.models.density import KEY_ZOOMS, Face
from species.models.grid import CELL_BITS as CELL_SIDE_BITS
from species.models.grid import GRID_BITS

ID_BITS = 31


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of densities without their layer.

    Row `i` has the keys and counts from `starts[i]` to `starts[i + 1]`.
    """

    subject: Numbers
    z: Numbers
    x: Numbers
    y: Numbers
    face: Numbers
    part: Numbers
    starts: Numbers  # one more than there are rows
    keys: Numbers
    counts: Numbers

    def __len__(self) -> int:
        return len(self.subject)


@dataclass(frozen=True, slots=True)
class CodedKeys:
    """The keys of one face of a batch.

    `has`: which observations have the face. `code`: a number of `bits` for each, in the order of its
    key.
    """

    face: Face
    has: Numbers | None  # None: all
    code: Numbers
    bits: int


def aggregate_batch(
    batch: ObservationBatch,
    gone: Numbers | None,
    ancestors: Numbers,
    partitions: Partitions,
    zooms: Container[int] = STORED_ZOOMS,
) -> Iterator[Rows]:
    """Yield the rows that a batch adds to the densities of partitions.

    Observations marked as `gone` are subtracted (None: none is).
    """
    for key_zoom in KEY_ZOOMS if len(batch) else ():
        if not len(partitions.codes[key_zoom]):
            continue
        member = find_memberships(batch, ancestors, partitions, key_zoom)
        if len(member.atom):
            for z in filter(zooms.__contains__, BANDS[key_zoom]):
                yield from aggregate_zoom(batch, gone, member, partitions, key_zoom, z)


def aggregate_zoom(
    batch: ObservationBatch,
    gone: Numbers | None,
    member: Memberships,
    partitions: Partitions,
    key_zoom: int,
    z: int,
) -> Iterator[Rows]:
    """Yield the rows of one stored zoom."""
    below = z - key_zoom
    side = (1 << below) - 1
    column, row = batch.column >> (GRID_BITS - z), batch.row >> (GRID_BITS - z)
    within = ((row & side) << below | (column & side)).astype(np.int64)
    group = member.pair << (2 * below) | within[member.atom]
    subjects = partitions.subjects(key_zoom)
    for coded, profiles in codes_by_face(batch, z):
        atom, its_group = member.atom, group
        if coded.face in SUBJECTS_WITH_FACE:
            chosen = SUBJECTS_WITH_FACE[coded.face](subjects, EVERYTHING)[member.pair]
            atom, its_group = atom[chosen], its_group[chosen]
        if coded.has is not None:
            chosen = coded.has[atom]
            atom, its_group = atom[chosen], its_group[chosen]
        if len(atom):
            found, counts = sum_runs(
                its_group << coded.bits | coded.code[atom], None if gone is None else gone[atom]
            )
            yield cut_rows(found, counts, coded, profiles, partitions, key_zoom, z)


def codes_by_face(batch: ObservationBatch, z: int) -> Iterator[tuple[CodedKeys, Numbers | None]]:
    """Yield each face of the batch at a zoom; where codes are not keys, with the key of each code."""
    shift, side = GRID_BITS - z - CELL_SIDE_BITS, (1 << CELL_SIDE_BITS) - 1
    cell = ((batch.row >> shift & side) << CELL_SIDE_BITS | batch.column >> shift & side).astype(
        np.int64
    )
    first, last = batch.first_year, batch.last_year
    is_one_year = first == last
    yield CodedKeys(Face.TOTAL, None, cell, CELL_BITS), None
    yield CodedKeys(Face.YEAR, is_one_year, year_keys(first, cell), YEAR_BITS + CELL_BITS), None
    if not is_one_year.all():
        # Numbered, since a pair beside them would not fit into 64 bits; most atoms have few
        # different ones.
        yield number_keys(Face.SPAN, ~is_one_year, span_keys(first, last, cell))
    yield (
        CodedKeys(Face.SEASON, None, season_keys(batch.season, cell), SEASON_BITS + CELL_BITS),
        None,
    )
    yield number_keys(Face.PROFILE, None, profile_keys(first, last, batch.season))
    yield CodedKeys(Face.SPECIES, batch.species != NO_SPECIES, batch.species, ID_BITS), None
    yield CodedKeys(Face.DATASET, None, batch.dataset, ID_BITS), None


# than everything: datasets are below it
SUBJECTS_WITH_FACE = {Face.SPECIES: np.less_equal, Face.DATASET: np.greater_equal}


def number_keys(face: Face, has: Numbers | None, keys: Numbers) -> tuple[CodedKeys, Numbers]:
    found, numbers = np.unique(keys, return_inverse=True)
    return CodedKeys(face, has, numbers, max(1, int(len(found) - 1).bit_length())), found


def sum_runs(numbers: Numbers, gone: Numbers | None) -> tuple[Numbers, Numbers]:
    """Return each number once, in order, with its count; those that are gone count -1.

    Faster than `codec.sum_by_key`, since it sorts one array only.
    """
    marked = np.sort(numbers << 1 | gone if gone is not None else numbers)
    values = marked >> 1 if gone is not None else marked
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    if gone is None:
        return values[starts], np.diff(np.append(starts, len(values)))
    sums = np.add.reduceat(1 - 2 * (marked & 1), starts)
    kept = sums != 0
    return values[starts][kept], sums[kept]


def cut_rows(
    found: Numbers,
    counts: Numbers,
    coded: CodedKeys,
    profiles: Numbers | None,
    partitions: Partitions,
    key_zoom: int,
    z: int,
) -> Rows:
    """Cut sorted numbers into rows: at each new group, and at each new part."""
    group, code = found >> coded.bits, found & ((1 << coded.bits) - 1)
    keys = code if profiles is None else profiles[code]
    part = part_of_year(code >> CELL_BITS, z) if coded.face == Face.YEAR else np.zeros_like(code)
    cuts = (np.diff(group) != 0) | (np.diff(part) != 0)
    starts = np.flatnonzero(np.concatenate(([len(found) > 0], cuts)))
    below = z - key_zoom
    pair, within = group[starts] >> (2 * below), group[starts] & ((1 << (2 * below)) - 1)
    tile = partitions.tiles(key_zoom)[pair]
    side = (1 << below) - 1
    return Rows(
        subject=partitions.subjects(key_zoom)[pair],
        z=np.full(len(starts), z),
        x=(tile & ((1 << key_zoom) - 1)) << below | within & side,
        y=(tile >> key_zoom) << below | within >> below,
        face=np.full(len(starts), int(coded.face)),
        part=part[starts],
        starts=np.append(starts, len(found)),
        keys=keys,
        counts=counts,
    )
