"""Prove derived data equal to the observations, counted again by PostgreSQL's own GROUP BY."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from species.density import store
from species.density.codec import (
    ALL_MONTHS,
    BANDS,
    CELL_BITS,
    DECADE,
    DEPTH_EDGES,
    DEPTH_UNKNOWN,
    SEASON_BITS,
    UNPARTED_FROM,
    YEAR_BITS,
    Numbers,
)
from species.density.columns import PUBLISHED_SQL
from species.density.sample import SAMPLED
from species.models import Taxon
from species.models.density import KEY_ZOOMS, Face
from species.models.grid import CELL_BITS as CELL_SIDE_BITS
from species.models.grid import GRID_BITS
from species.models.sample import NOT_DRAWABLE, Facet

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """A stored partition: a subject and a key tile."""

    subject: int
    z: int
    x: int
    y: int

    def __str__(self) -> str:
        who = (
            "everything"
            if not self.subject
            else f"{'taxon' if self.subject > 0 else 'dataset'} {abs(self.subject)}"
        )
        return f"{who} in {self.z}/{self.x}/{self.y}"


def find_errors(most_pairs: int | None = None, say: Say = lambda _: None) -> Iterator[str]:
    """Yield a sentence for each error; of the densities, in `most_pairs` random partitions (None: all)."""
    alone = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if alone:  # one view of the data, whatever is published meanwhile
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield from wrong_counts(cursor)
        yield from wrong_sample(cursor)
        yield from find_orphans(cursor)
        pairs = kept(cursor, most_pairs)
        name_species(cursor)
        cursor.execute(HELD)
        for done, pair in enumerate(pairs):
            say(f"{done:,} of {len(pairs):,} pairs of a subject and a tile; now {pair}")
            yield from wrong_densities(cursor, pair)
        cursor.execute("DROP TABLE species_of, held")


COUNTS = {
    "published observations of dataset": "SELECT id::text, published_count FROM species_dataset",
    "published observations of taxon": "SELECT aphia_id::text, observation_count FROM species_taxon",
    "published observations in tile": "SELECT tile::text, n FROM species_stratum",
    "sampled observations in tile": "SELECT tile::text, sampled FROM species_stratum",
    **{
        f"observations of {facet}": f"SELECT value, n FROM species_facetcount WHERE facet = '{facet}'"
        for facet in Facet.values
    },
}
RECOUNTED = {
    "published observations of dataset": "o.dataset_id",
    "published observations of taxon": "o.taxon_id",
    "published observations in tile": f"coalesce(o.tile, {NOT_DRAWABLE})",
    **{f"observations of {facet}": f"o.{facet}" for facet in Facet.values},
}


def wrong_counts(cursor) -> Iterator[str]:
    for what, held in COUNTS.items():
        counted = (
            f"SELECT ({RECOUNTED[what]})::text, count(*) FROM species_curatedobservation o"
            f" WHERE {PUBLISHED_SQL} GROUP BY 1"
            if what in RECOUNTED
            else "SELECT stratum::text, count(*) FROM species_sampledobservation GROUP BY 1"
        )
        cursor.execute(
            f"""
            SELECT value, coalesce(held.n, 0), coalesce(counted.n, 0)
            FROM ({held}) held (value, n) FULL JOIN ({counted}) counted (value, n) USING (value)
            WHERE coalesce(held.n, 0) <> coalesce(counted.n, 0) ORDER BY value LIMIT 5
            """
        )
        for value, n, true in cursor.fetchall():
            yield f"The count of {what} {value or 'not stated'} says {n:,}, there are {true:,}."


def wrong_sample(cursor) -> Iterator[str]:
    """Yield errors of the sample: it must have exactly the observations with keys below the bounds."""
    columns = ", ".join(f"o.{name}" for name in SAMPLED)
    cursor.execute(
        f"""
        WITH drawn AS (
            SELECT t.tile, {columns} FROM species_curatedobservation o
            JOIN species_stratum t ON t.tile = coalesce(o.tile, {NOT_DRAWABLE})
            WHERE {PUBLISHED_SQL} AND o.key < t.below),
        held AS (SELECT o.stratum, {columns} FROM species_sampledobservation o)
        SELECT (SELECT count(*) FROM (SELECT * FROM drawn EXCEPT SELECT * FROM held) missing),
               (SELECT count(*) FROM (SELECT * FROM held EXCEPT SELECT * FROM drawn) surplus)
        """
    )
    missing, surplus = cursor.fetchone()
    if missing or surplus:
        yield f"The sample lacks {missing:,} observations and has {surplus:,} that are not so."


def find_orphans(cursor) -> Iterator[str]:
    """Yield densities outside stored partitions: never read, and wrong if such a partition is stored."""
    key_zoom = " ".join(f"WHEN d.z <= {band[-1]} THEN {zoom}" for zoom, band in BANDS.items())
    cursor.execute(
        f"""
        SELECT d.subject, d.z, d.x, d.y FROM (SELECT d.*, CASE {key_zoom} END AS k FROM species_density d) d
        WHERE NOT EXISTS (SELECT FROM species_density p WHERE p.subject = d.subject AND p.z = d.k
                          AND p.x = d.x >> d.z - d.k AND p.y = d.y >> d.z - d.k AND p.face = {int(Face.TOTAL)}
                          AND p.layer = 0)
        LIMIT 5
        """
    )
    for row in cursor.fetchall():
        yield f"There are densities of {Pair(*row)}, whose key tile has none."


def kept(cursor, most: int | None) -> list[Pair]:
    order, limit = ("subject, z, x, y", "ALL") if most is None else ("random()", str(most))
    cursor.execute(
        f"SELECT subject, z, x, y FROM species_density WHERE face = {int(Face.TOTAL)} AND layer = 0"
        f" AND z IN {KEY_ZOOMS} ORDER BY {order} LIMIT {limit}"
    )
    return [Pair(*row) for row in cursor.fetchall()]


def name_species(cursor) -> None:
    """Find the species that each taxon is or belongs to, climbing from parent to parent."""
    cursor.execute(
        """
        CREATE TEMPORARY TABLE species_of ON COMMIT DROP AS
        WITH RECURSIVE climb (taxon, at) AS (
            SELECT aphia_id, aphia_id FROM species_taxon WHERE path IS NOT NULL
            UNION ALL
            SELECT climb.taxon, t.parent_id FROM climb JOIN species_taxon t ON t.aphia_id = climb.at
            WHERE t.rank <> 'Species' AND t.parent_id IS NOT NULL)
        SELECT climb.taxon, climb.at AS species FROM climb JOIN species_taxon t ON t.aphia_id = climb.at
        WHERE t.rank = 'Species';
        ANALYZE species_of
        """
    )


def wrong_densities(cursor, pair: Pair) -> Iterator[str]:
    unpack_partition(cursor, pair)
    cursor.execute(DIFFERENCE, values_of(pair))
    for z, x, y, face, key, held, counted in cursor.fetchall():
        place = Pair(pair.subject, z, x, y)
        yield f"{place}: the face {Face(face).name} says {held:,} for key {key}, there are {counted:,}."


def unpack_partition(cursor, pair: Pair) -> None:
    """Write the entries of all layers of a partition's rows into the table `held`."""
    cursor.execute("TRUNCATE held")
    found = store.read_rows(
        cursor,
        f"WHERE subject = {pair.subject} AND z BETWEEN {pair.z} AND {BANDS[pair.z][-1]}"
        f" AND x >> z - {pair.z} = {pair.x} AND y >> z - {pair.z} = {pair.y}",
    )
    store.copy_in(
        cursor, "held", (entry_rows(place, keys, counts) for place, _, keys, counts in found)
    )


def entry_rows(place: store.Place, keys: Numbers, counts: Numbers) -> bytes:
    """Yield a row of COPY BINARY for each entry: the number of fields, then each with its length."""
    rows = np.zeros(len(keys), HELD_ROW)
    rows["fields"], rows["key"], rows["n"] = len(HELD_COLUMNS), keys, counts
    for name in ("z", "x", "y", "face", "part"):
        rows[name] = getattr(place, name)
    for name in HELD_COLUMNS:
        rows[f"{name}_size"] = 8
    return rows.tobytes()


def values_of(pair: Pair) -> dict[str, Any]:
    first, end = (
        Taxon.objects.get(pk=pair.subject).ordinal_range() if pair.subject > 0 else (None, None)
    )
    shift = GRID_BITS - pair.z
    return {
        "subject": pair.subject,
        "first": first,
        "end": end,
        "dataset": -pair.subject if pair.subject < 0 else None,
        "z": pair.z,
        "deepest": BANDS[pair.z][-1],
        "west": pair.x << shift,
        "east": ((pair.x + 1) << shift) - 1,
        "north": pair.y << shift,
        "south": ((pair.y + 1) << shift) - 1,
        "x": pair.x,
        "y": pair.y,
    }


def depth_code(column: str) -> str:
    """Return SQL for `codec.depth_code`."""
    edges = list(DEPTH_EDGES)
    cases = [f"WHEN {column} IS NULL THEN {DEPTH_UNKNOWN}"]
    for place, edge in enumerate(edges):
        cases += [
            f"WHEN {column} < {edge} THEN {2 * place}",
            f"WHEN {column} = {edge} THEN {2 * place + 1}",
        ]
    return f"CASE {' '.join(cases)} ELSE {2 * len(edges)} END"


def month_code(column: str) -> str:
    return f"""CASE WHEN date_start IS NULL THEN 0
        WHEN age(date_trunc('month', date_end), date_trunc('month', date_start)) >= interval '11 months'
        THEN {ALL_MONTHS} ELSE extract(month FROM {column})::bigint END"""


HELD_COLUMNS = ("z", "x", "y", "face", "part", "key", "n")
HELD = f"CREATE TEMPORARY TABLE held ({', '.join(f'{name} bigint' for name in HELD_COLUMNS)}) ON COMMIT DROP"
HELD_ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(pair for name in HELD_COLUMNS for pair in ((f"{name}_size", ">i4"), (name, ">i8"))),
    ]
)
SHIFT = f"{GRID_BITS} - z - {CELL_SIDE_BITS}"  # SQL's operators of bits stand all on one step
CELL = f"((grid_row >> {SHIFT} & 63) << {CELL_SIDE_BITS}) | (grid_column >> {SHIFT} & 63)"
PART = f"CASE WHEN z < {UNPARTED_FROM} THEN first / {DECADE} ELSE 0 END"
DIFFERENCE = f"""
WITH member AS (
    SELECT grid_column, grid_row, o.dataset_id, species_of.species,
           coalesce(extract(year FROM date_start), 0)::bigint AS first,
           coalesce(extract(year FROM date_end), 0)::bigint AS last,
           (({month_code("date_start")})::bigint << 12) | (({month_code("date_end")})::bigint << 8)
           | (({depth_code("least(minimum_depth_in_meters, maximum_depth_in_meters)")})::bigint << 4)
           | ({depth_code("greatest(minimum_depth_in_meters, maximum_depth_in_meters)")})::bigint AS season
    FROM species_curatedobservation o LEFT JOIN species_of ON species_of.taxon = o.taxon_id
    WHERE {PUBLISHED_SQL} AND grid_column BETWEEN %(west)s AND %(east)s AND grid_row BETWEEN %(north)s AND %(south)s
      AND (%(first)s IS NULL OR taxon_ordinal >= %(first)s) AND (%(end)s IS NULL OR taxon_ordinal < %(end)s)
      AND (%(dataset)s IS NULL OR o.dataset_id = %(dataset)s)
), placed AS (
    SELECT z, grid_column >> {GRID_BITS} - z AS x, grid_row >> {GRID_BITS} - z AS y, ({CELL})::bigint AS cell, member.*
    FROM member CROSS JOIN generate_series(%(z)s, %(deepest)s, 2) AS z
), counted AS (
    SELECT z, x, y, face, part, key, count(*) AS n FROM placed CROSS JOIN LATERAL (VALUES
        ({int(Face.TOTAL)}, 0, cell),
        ({int(Face.YEAR)}, {PART}, CASE WHEN first = last THEN first << {CELL_BITS} | cell END),
        ({int(Face.SPAN)}, 0, CASE WHEN first <> last THEN (first << {YEAR_BITS} | last) << {CELL_BITS} | cell END),
        ({int(Face.SEASON)}, 0, season << {CELL_BITS} | cell),
        ({int(Face.PROFILE)}, 0, (first << {YEAR_BITS} | last) << {SEASON_BITS} | season),
        ({int(Face.SPECIES)}, 0, CASE WHEN %(subject)s <= 0 THEN species END),
        ({int(Face.DATASET)}, 0, CASE WHEN %(subject)s >= 0 THEN dataset_id END)
    ) AS keyed (face, part, key) WHERE key IS NOT NULL GROUP BY z, x, y, face, part, key
), summed AS (SELECT z, x, y, face, part, key, sum(n) AS n FROM held GROUP BY z, x, y, face, part, key)
SELECT z, x, y, face, key, coalesce(summed.n, 0), coalesce(counted.n, 0)
FROM summed FULL JOIN counted USING (z, x, y, face, part, key)
WHERE coalesce(summed.n, 0) <> coalesce(counted.n, 0) LIMIT 5
"""
