"""Merge the layers of densities, so that reading stays fast however often observations change.

A small change touches very many rows, some of them large. Large rows wait until their layers are
worth rewriting, so that the cost of a refresh depends on its own size only.

Each batch is a short transaction: readers see the layers or their sum, and a killed process leaves
one or the other. The caller must have the lock of the refresh.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from django.db import connection, transaction

from species.density import store
from species.density.aggregate import Rows
from species.density.codec import Numbers, sum_by_key
from species.density.store import DENSITIES, Place
from species.models.density import KEY_ZOOMS, Face

BATCH_BYTES = 2_000_000  # as stored, which is some 16 times as much in memory
BATCH_PLACES = 2_000
SMALL = 1_000  # bytes as stored, of what is rewritten at any change
# of what is larger: one part in so many has changed, or so many layers wait
WORTH, MOST_LAYERS = 8, 4
# of the longest key, and what is left of 64 is enough to number the places of a batch
KEY_BITS = 44


def compact_densities() -> int:
    """Merge the layers that are due; return how many there were."""
    with connection.cursor() as cursor:
        found = find_due(cursor)
        for batch in make_batches(found):
            with transaction.atomic():
                merge_layers(cursor, batch)
    return sum(n for _, n, _ in found)


def move_layers(cursor, source: str) -> None:
    """Merge the layers of another table into the densities, in the caller's transaction.

    All of its layers must be above 0.
    """
    place = (
        "(o.subject, o.z, o.x, o.y, o.face, o.part) = (g.subject, g.z, g.x, g.y, g.face, g.part)"
    )
    cursor.execute(
        f"""
        INSERT INTO {DENSITIES} ({store.COLUMNS}) SELECT subject, z, x, y, face, part, 0, entries FROM {source} g
        WHERE NOT EXISTS (SELECT FROM {source} o WHERE {place} AND o.layer <> g.layer)
        """
    )
    for batch in make_batches(find_layered(cursor, source, least=2)):
        merge_layers(cursor, batch, source)


def gather_layers(cursor, table: str, layer: int) -> None:
    """Merge the layers of each place of another table into one with this number.

    Runs in the caller's transaction.
    """
    for batch in make_batches(find_layered(cursor, table, least=2)):
        merge_layers(cursor, batch, table, table, layer)


def find_due(cursor) -> list[tuple[Place, int, int]]:
    """Return, like `layered`, the densities with many layers, or with large ones."""
    cursor.execute(
        f"""
        SELECT subject, z, x, y, face, part, n, size + coalesce(below, 0)
        FROM ({LAYERED.format(source=DENSITIES, least=1)}) layered
        LEFT JOIN (SELECT *, length(entries) AS below FROM {DENSITIES} WHERE layer = 0) lowest
            USING (subject, z, x, y, face, part)
        WHERE coalesce(below, 0) <= greatest({SMALL}, {WORTH} * size) OR n >= {MOST_LAYERS}
        ORDER BY n DESC, subject, z, x, y, face, part
        """
    )
    return with_places(cursor.fetchall())


def find_layered(cursor, source: str, least: int) -> list[tuple[Place, int, int]]:
    """Return (place, layers above 0, bytes as stored) with at least so many layers, most layers first."""
    order = "ORDER BY n DESC, subject, z, x, y, face, part"
    cursor.execute(f"{LAYERED.format(source=source, least=least)} {order}")
    return with_places(cursor.fetchall())


LAYERED = """
SELECT subject, z, x, y, face, part, count(*) AS n, sum(length(entries)) AS size
FROM {source} WHERE layer > 0 GROUP BY subject, z, x, y, face, part HAVING count(*) >= {least}
"""


def with_places(rows: Iterable[tuple]) -> list[tuple[Place, int, int]]:
    return [(Place(*place), n, size) for *place, n, size in rows]


def make_batches(found: Sequence[tuple[Place, int, int]]) -> Iterator[list[Place]]:
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


def merge_layers(
    cursor,
    places: Sequence[Place],
    source: str = DENSITIES,
    target: str = DENSITIES,
    layer: int = 0,
) -> None:
    """Merge all layers of these places in one table into one layer of another, or of the same."""
    cursor.execute(
        "CREATE TEMPORARY TABLE merging ON COMMIT DROP AS SELECT * FROM unnest(%s::integer[], %s::smallint[],"
        " %s::integer[], %s::integer[], %s::smallint[], %s::smallint[]) AS place (subject, z, x, y, face, part);"
        " ANALYZE merging",
        [list(column) for column in zip(*places, strict=True)],
    )
    merged = sum_layers(
        store.read_rows(cursor, "JOIN merging m USING (subject, z, x, y, face, part)", source)
    )
    if source == target:
        cursor.execute(
            f"""
            DELETE FROM {source} d USING merging m
            WHERE (d.subject, d.z, d.x, d.y, d.face, d.part) = (m.subject, m.z, m.x, m.y, m.face, m.part)
            """
        )
    cursor.execute("DROP TABLE merging")
    store.copy_in(cursor, f"{target} ({store.COLUMNS})", [store.encode_rows(merged, layer)])


def sum_layers(found: Iterable[tuple[Place, int, Numbers, Numbers]]) -> Rows:
    """Return the sums of the layers of each place, without empty places."""
    numbers: dict[Place, int] = {}
    parts = [
        (numbers.setdefault(place, len(numbers)), keys, counts) for place, _, keys, counts in found
    ]
    keys, counts = sum_by_key(
        np.concatenate([number << KEY_BITS | keys for number, keys, _ in parts]),
        np.concatenate([counts for *_, counts in parts]),
    )
    lengths = np.bincount(keys >> KEY_BITS, minlength=len(numbers))
    kept = (lengths > 0) | [marks_partition(place) for place in numbers]
    subject, z, x, y, face, part = np.array(list(numbers), dtype=np.int64)[kept].T
    starts = np.concatenate(([0], np.cumsum(lengths[kept])))
    return Rows(subject, z, x, y, face, part, starts, keys & (1 << KEY_BITS) - 1, counts)


def marks_partition(place: Place) -> bool:
    """Whether the row marks its partition as stored, which it does even when empty."""
    return place.face == Face.TOTAL and place.z in KEY_ZOOMS
