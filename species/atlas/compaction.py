"""Merge the layers of densities into one, so that reading stays cheap however often the observations change.

Batches are short transactions of their own: a reader sees the layers or their sum, a killed process leaves either. The
caller holds the refresh's lock.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from django.db import connection, transaction

from species.atlas import layers
from species.atlas.atoms import Numbers
from species.atlas.faces import folded
from species.atlas.folding import Rows
from species.atlas.layers import Place
from species.models.density import KEY_ZOOMS, Face

BATCH_BYTES = 2_000_000  # as stored, which is some 16 times as much in memory
BATCH_PLACES = 5_000


def compact() -> int:
    """Merge whatever is layered; answers how many layers there were."""
    with connection.cursor() as cursor:
        found = layered(cursor)
        for batch in batches(found):
            with transaction.atomic():
                merge(cursor, batch)
    return sum(n for _, n, _ in found)


def merge_all(cursor) -> None:
    """The same in the caller's transaction."""
    for batch in batches(layered(cursor)):
        merge(cursor, batch)


def layered(cursor) -> list[tuple[Place, int, int]]:
    """(place, layers beside the lowest, their bytes as stored), the most layered first."""
    cursor.execute(
        """
        SELECT subject, z, x, y, face, part, count(*) AS n, sum(length(entries))
        FROM species_density WHERE layer > 0 GROUP BY subject, z, x, y, face, part
        ORDER BY n DESC, subject, z, x, y, face, part
        """
    )
    return [(Place(*row[:-2]), row[-2], row[-1]) for row in cursor.fetchall()]


def batches(found: Sequence[tuple[Place, int, int]]) -> Iterator[list[Place]]:
    batch: list[Place] = []
    size = 0
    for place, _, stored in found:
        batch.append(place)
        size += stored
        if size > BATCH_BYTES or len(batch) == BATCH_PLACES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def merge(cursor, places: Sequence[Place]) -> None:
    """Make one layer, the lowest, of all that these places have."""
    cursor.execute(
        "CREATE TEMPORARY TABLE merging ON COMMIT DROP AS SELECT * FROM unnest(%s::integer[], %s::smallint[],"
        " %s::integer[], %s::integer[], %s::smallint[], %s::smallint[]) AS place (subject, z, x, y, face, part);"
        " ANALYZE merging",
        [list(column) for column in zip(*places, strict=True)],
    )
    found = layers.read(cursor, "JOIN merging m USING (subject, z, x, y, face, part) ORDER BY 1, 2, 3, 4, 5, 6")
    merged = [one_of(place, list(parts)) for place, parts in groupby(found, key=lambda part: part[0])]
    cursor.execute(
        """
        DELETE FROM species_density d USING merging m
        WHERE (d.subject, d.z, d.x, d.y, d.face, d.part) = (m.subject, m.z, m.x, m.y, m.face, m.part);
        DROP TABLE merging
        """
    )
    kept = [part for part in merged if len(part[1]) or is_pair(part[0])]
    if kept:
        layers.write(cursor, [(rows_of(kept), 0)])


def one_of(place: Place, parts: list[tuple[Place, int, Numbers, Numbers]]) -> tuple[Place, Numbers, Numbers]:
    keys, counts = (np.concatenate([part[column] for part in parts]) for column in (2, 3))
    return place, *folded(keys, counts)


def is_pair(place: Place) -> bool:
    """Whether the row says that a pair is kept, which it does even when nothing is left."""
    return place.face == Face.TOTAL and place.z in KEY_ZOOMS


def rows_of(merged: Sequence[tuple[Place, Numbers, Numbers]]) -> Rows:
    subject, z, x, y, face, part = np.array([place for place, _, _ in merged], dtype=np.int64).T
    lengths = [len(keys) for _, keys, _ in merged]
    return Rows(
        subject, z, x, y, face, part,
        starts=np.concatenate(([0], np.cumsum(lengths))),
        keys=np.concatenate([keys for _, keys, _ in merged]),
        counts=np.concatenate([counts for _, _, counts in merged]),
    )  # fmt: skip
