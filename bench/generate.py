"""Fill an empty database with made-up observations, as many as asked for, shaped like OBIS's.

    python bench/generate.py --rows 1000000      # into the migrated, empty database that DATABASE_URL names

60,000 species in 15,796 higher taxa, of which a few have most records; clusters along coasts, fixed
stations, cruises and a thin spread everywhere; dates from 1900 on, mostly recent, some of them
years or spans of years; more than half without a depth. The same number of rows is the same data.
"""

import argparse
import io
import os
import struct
import sys
import time
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

CHUNK = 250_000
RANKS = ("Species", "Genus", "Family", "Order", "Class", "Phylum", "Kingdom", "Superdomain")
SIZES = (60_000, 12_000, 3_000, 600, 150, 40, 5, 1)
DATASETS = 4_000
CENTRES, STATIONS, CRUISES = 6_000, 20_000, 3_000
LAST_DAY = 2025.99
UNKNOWN = -(2**31)  # stands for no date on the way in
STAGED = np.dtype(
    [("fields", ">i2")]
    + [
        field
        for name, kind, size in (
            ("n", ">i8", 8), ("key", "V16", 16), ("hash", "V16", 16), ("species", ">i4", 4), ("dataset", ">i4", 4),
            ("lon", ">f8", 8), ("lat", ">f8", 8), ("start", ">i4", 4), ("days", ">i4", 4), ("shallow", ">f8", 8),
            ("deep", ">f8", 8), ("basis", ">i2", 2), ("flags", ">i8", 8),
        )
        for field in ((f"{name}_size", ">i4"), (name, kind))
    ]
)  # fmt: skip
NAMES = [name for name in STAGED.names or () if name != "fields" and not name.endswith("_size")]
BASES = (
    ("HumanObservation", "seen", 0.6), ("PreservedSpecimen", "specimen", 0.2),
    ("MachineObservation", "instrument", 0.1), ("MaterialSample", "dna", 0.06), ("Occurrence", "unspecified", 0.04),
)  # fmt: skip


class World:
    """Everything that does not depend on the number of observations."""

    def __init__(self) -> None:
        chance = np.random.default_rng(42)
        self.parents = [parents(chance, *pair) for pair in pairwise(SIZES)]
        popularity = 1 / (np.arange(1, SIZES[0] + 1) + 10) ** 1.05
        self.popular = np.cumsum(popularity / popularity.sum())
        self.by_popularity = chance.permutation(SIZES[0])
        self.x, self.y = coasts(chance)
        self.width = 10 ** chance.uniform(-2, 0.2, CENTRES)
        weight = (1 / (np.arange(CENTRES) + 20) ** 0.8)[chance.permutation(CENTRES)]
        self.busy = np.cumsum(weight / weight.sum())
        at = chance.integers(0, CENTRES, STATIONS)
        self.stations = np.round(
            [
                self.x[at] + chance.normal(0, 1, STATIONS) * self.width[at],
                np.clip(self.y[at] + chance.normal(0, 1, STATIONS) * self.width[at], -84, 84),
            ],
            4,
        )
        self.cruise_from = np.array(
            [chance.uniform(-180, 180, CRUISES), chance.uniform(-65, 75, CRUISES)]
        )
        self.cruise_to = self.cruise_from + chance.normal(0, 12, (2, CRUISES))
        self.home = chance.integers(0, CENTRES, SIZES[0])
        self.spread = np.clip((chance.pareto(0.8, SIZES[0]) + 1) * 3, 3, CENTRES).astype(int)

    def taxa(self) -> list[tuple[int, int | None, str, str, str]]:
        """Yield (AphiaID, parent's, rank, name, path), in the order of paths."""
        first = {rank: int(sum(SIZES[rank + 1 :])) + 1 for rank in range(len(SIZES))}
        rows = []
        paths: dict[int, str] = {}
        for rank in range(len(SIZES) - 1, -1, -1):
            for number in range(SIZES[rank]):
                aphia_id = first[rank] + number
                above = (
                    first[rank + 1] + int(self.parents[rank][number])
                    if rank + 1 < len(SIZES)
                    else None
                )
                paths[aphia_id] = f"{paths[above] if above else ''}{aphia_id}/"
                rows.append(
                    (aphia_id, above, RANKS[rank], f"{RANKS[rank]} nomen{number}", paths[aphia_id])
                )
        return sorted(rows, key=lambda row: row[-1])

    def observations(self, chunk: int, n: int) -> np.ndarray:
        """Return one chunk as COPY BINARY rows."""
        chance = np.random.default_rng(1000 + chunk)
        rank = np.minimum(np.searchsorted(self.popular, chance.random(n)), SIZES[0] - 1)
        species = self.by_popularity[rank]
        lon, lat, centre = self.places(chance, species)
        rows = np.zeros(n, STAGED)
        rows["fields"] = len(NAMES)
        for name in NAMES:
            rows[f"{name}_size"] = rows.dtype[name].itemsize
        rows["n"] = np.arange(n) + chunk * CHUNK
        rows["key"], rows["hash"] = (np.frombuffer(chance.bytes(16 * n), "V16") for _ in range(2))
        rows["species"], rows["lon"], rows["lat"] = species + sum(SIZES[1:]) + 1, lon, lat
        rows["dataset"] = (centre * 7 + chance.integers(0, 3, n) ** 2) % DATASETS + 1
        rows["start"], rows["days"] = dates(chance, n)
        depth = np.minimum(np.round(np.exp(chance.normal(3, 1.4, n)), 1), 6000)
        depth[chance.random(n) < 0.55] = np.nan
        rows["shallow"], rows["deep"] = depth, np.round(depth + np.abs(chance.normal(0, 10, n)), 1)
        rows["basis"] = chance.choice(len(BASES), n, p=[share for _, _, share in BASES])
        rows["flags"] = np.where(chance.random(n) < 0.3, 1 << chance.integers(0, 8, n), 0)
        return rows

    def places(
        self, chance: np.random.Generator, species: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        n = len(species)
        local = (
            self.home[species] + (chance.random(n) * self.spread[species]).astype(int)
        ) % CENTRES
        anywhere = np.minimum(np.searchsorted(self.busy, chance.random(n)), CENTRES - 1)
        centre = np.where(chance.random(n) < 0.65, local, anywhere)
        x = self.x[centre] + chance.normal(0, 1, n) * self.width[centre]
        y = self.y[centre] + chance.normal(0, 1, n) * self.width[centre]
        kind = chance.random(n)
        fixed = kind < 0.35
        x[fixed], y[fixed] = self.stations[
            :, (chance.random(fixed.sum()) ** 2 * STATIONS).astype(int)
        ]
        sailed = (kind >= 0.35) & (kind < 0.5)
        cruise, along = (
            chance.integers(0, CRUISES, sailed.sum()),
            np.round(chance.random(sailed.sum()), 3),
        )
        x[sailed], y[sailed] = (
            self.cruise_from[:, cruise] * (1 - along) + self.cruise_to[:, cruise] * along
        )
        thin = (kind >= 0.5) & (kind < 0.54)
        x[thin] = chance.uniform(-180, 180, thin.sum())
        y[thin] = np.degrees(np.arcsin(chance.uniform(-0.95, 0.98, thin.sum())))
        return np.round((x + 180) % 360 - 180, 4), np.round(np.clip(y, -84.9, 84.9), 4), centre


def parents(chance: np.random.Generator, n: int, above: int) -> np.ndarray:
    weight = 1 / np.arange(1, above + 1) ** 0.7
    chosen = chance.choice(above, n, p=weight / weight.sum())
    chosen[:above] = np.arange(above)  # nobody is childless
    return chosen


def coasts(chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return centres along random walks."""
    points: list[tuple[float, float]] = []
    while len(points) < CENTRES:
        x, y, heading = chance.uniform(-180, 180), chance.uniform(-60, 75), chance.uniform(0, 6.28)
        for _ in range(int(chance.integers(100, 400))):
            points.append((x, y))
            heading += chance.normal(0, 0.35)
            x = (x + np.cos(heading) * 0.6 + 180) % 360 - 180
            y = float(np.clip(y + np.sin(heading) * 0.6, -75, 83))
    return tuple(np.array(points[:CENTRES]).T)


def dates(chance: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return first days since 2000 and lengths in days: mostly one; a month, a year, several; 3 % none."""
    year = np.clip(2025 - chance.exponential(16, n), 1900, LAST_DAY)
    day = ((year - 2000) * 365.2425).astype(np.int64)
    first = np.datetime64("2000-01-01") + day.astype("m8[D]")
    last = first.copy()
    kind = chance.random(n)
    for share, unit, length in ((0.04, "M8[M]", 1), (0.06, "M8[Y]", 1), (0.03, "M8[Y]", 3)):
        chosen, kind = kind < share, kind - share
        chosen &= kind + share >= 0
        period = first[chosen].astype(unit)
        first[chosen], last[chosen] = period.astype("M8[D]"), (period + length).astype("M8[D]") - 1
    start = (first - np.datetime64("2000-01-01")).astype(np.int64)
    start[chance.random(n) < 0.03] = UNKNOWN
    return start, (last - first).astype(np.int64)


def fill(rows: int) -> None:
    from django.db import connection, transaction  # once Django is set up

    from species.density.sample import recount_values

    world = World()
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM species_curatedobservation)")
        if cursor.fetchone()[0]:
            raise SystemExit(
                "There are observations in this database already; this needs an empty one."
            )
        plant(cursor, world)
        indexes, foreign_keys = drop_indexes(cursor), drop_foreign_keys(cursor)
        for chunk, start in enumerate(range(0, rows, CHUNK)):
            with transaction.atomic():
                load(cursor, world.observations(chunk, CHUNK)[: rows - start])
            print(
                f"{min(start + CHUNK, rows):,} rows, {time.perf_counter() - began:,.0f} s",
                flush=True,
            )
        for name, definition in indexes:
            print(f"index {name}, {time.perf_counter() - began:,.0f} s", flush=True)
            cursor.execute(definition)
        for name, definition in foreign_keys:
            cursor.execute(
                f"ALTER TABLE species_curatedobservation ADD CONSTRAINT {name} {definition}"
            )
        with transaction.atomic():
            cursor.execute(COUNTS)
            recount_values(cursor)
    print(f"{rows:,} observations in {time.perf_counter() - began:,.0f} s")


def vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE species_curatedobservation")
        cursor.execute("ANALYZE")


def plant(cursor: Any, world: World) -> None:
    """Write the taxa, the datasets and a scope."""
    step = 2**62 // (sum(SIZES) + 1)
    lines = (
        f"{aphia_id}\t{above or chr(92) + 'N'}\t{rank}\t{name}\t{path}\t{place * step}\n"
        for place, (aphia_id, above, rank, name, path) in enumerate(world.taxa(), 1)
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE planted (aphia_id integer, parent integer, rank text, name text, path text, n bigint)"
    )
    cursor.copy_expert("COPY planted FROM STDIN", io.StringIO("".join(lines)))
    from species.models import Dataset, Taxon

    filled = {
        "aphia_id": "aphia_id", "parent_id": "parent", "rank": "rank", "scientific_name": "name", "path": "path",
        "ordinal": "n", "status": "'accepted'", "is_marine": "true",
    }  # fmt: skip
    names, values = zip(*(filled | defaults_of(Taxon, filled)).items(), strict=True)
    cursor.execute(
        f"INSERT INTO species_taxon ({', '.join(names)}) SELECT {', '.join(values)} FROM planted ORDER BY path"
    )
    cursor.execute("INSERT INTO species_refreshscope (parameters, is_standing) VALUES ('{}', true)")
    filled = {
        "id": "n", "uuid": "md5('dataset' || n)::uuid", "source": "'obis'", "title": "'Made-up survey ' || n",
        "license": "(ARRAY['cc0', 'cc-by', 'cc-by', 'cc-by-nc', 'unknown'])[n % 5 + 1]", "first_listed_at": "now()",
    }  # fmt: skip
    names, values = zip(*(filled | defaults_of(Dataset, filled)).items(), strict=True)
    cursor.execute(
        f"INSERT INTO species_dataset ({', '.join(names)}) SELECT {', '.join(values)}"
        f" FROM generate_series(1, {DATASETS}) AS n"
    )


def defaults_of(model: Any, filled: Iterable[str]) -> dict[str, str]:
    """Return a literal of SQL for each further column of the model that must have a value."""
    fields = [field for field in model._meta.concrete_fields if not (field.null or field.generated)]
    defaults = {
        field.column: field.get_default() for field in fields if field.column not in set(filled)
    }
    return {column: f"'{default}'" for column, default in defaults.items() if default is not None}


def drop_indexes(cursor: Any) -> list[tuple[str, str]]:
    """Drop all indexes that are not constraints, to build them faster at the end; return (name, definition)."""
    cursor.execute(
        """
        SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'species_curatedobservation'::regclass
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
        """
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    return indexes


def drop_foreign_keys(cursor: Any) -> list[tuple[str, str]]:
    """Drop the foreign keys, to check all rows at once at the end; return (name, definition)."""
    cursor.execute(
        """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'species_curatedobservation'::regclass AND contype = 'f'
        """
    )
    foreign_keys = cursor.fetchall()
    for name, _ in foreign_keys:
        cursor.execute(f"ALTER TABLE species_curatedobservation DROP CONSTRAINT {name}")
    return foreign_keys


COLUMNS = (
    "key, content_hash, taxon_ordinal, obis_flags, findings, minimum_depth_in_meters, maximum_depth_in_meters,"
    " coordinate_uncertainty_in_meters, date_start, date_end, location, source, occurrence_id, species_name,"
    " name_as_published, event_date, date_precision, basis_of_record, evidence, occurrence_status, locality, license,"
    " dataset_id, taxon_id, scope_id, first_seen, last_changed, rule_set_version"
)
KINDS = ", ".join(f"({n}, '{basis}', '{evidence}')" for n, (basis, evidence, _) in enumerate(BASES))
INSERT = f"""
INSERT INTO species_curatedobservation ({COLUMNS}, {{further_columns}})
SELECT s.key, s.hash, t.ordinal, s.flags, 0, nullif(s.shallow, 'NaN'), nullif(s.deep, 'NaN'),
    CASE WHEN s.n % 5 < 2 THEN (s.n % 997 + 1)::float END, d.first, d.first + s.days,
    ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326), 'obis', 'survey:' || s.dataset || ':catch:' || s.n,
    t.scientific_name, t.scientific_name, d.first::text,
    CASE WHEN d.first IS NULL THEN '' WHEN s.days = 0 THEN 'day' WHEN s.days < 32 THEN 'month'
         WHEN s.days < 367 THEN 'year' ELSE 'range' END,
    k.basis, k.evidence, 'present', 'Station ' || s.n % 5003 || ', shelf', ds.license,
    s.dataset, s.species, (SELECT min(id) FROM species_refreshscope), now(), now(), 1, {{further_values}}
FROM staged s JOIN species_taxon t ON t.aphia_id = s.species JOIN species_dataset ds ON ds.id = s.dataset
JOIN (VALUES {KINDS}) AS k (n, basis, evidence) ON k.n = s.basis
CROSS JOIN LATERAL (SELECT CASE WHEN s.start > {UNKNOWN} THEN date '2000-01-01' + s.start END AS first) d
"""
COUNTS = """
UPDATE species_taxon t SET observation_count = c.n
FROM (SELECT taxon_id, count(*) AS n FROM species_curatedobservation GROUP BY 1) c WHERE c.taxon_id = t.aphia_id;
UPDATE species_dataset d SET published_count = c.n
FROM (SELECT dataset_id, count(*) AS n FROM species_curatedobservation GROUP BY 1) c WHERE c.dataset_id = d.id
"""


def load(cursor: Any, rows: np.ndarray) -> None:
    """COPY narrow rows of numbers, and let PostgreSQL make whole rows of them."""
    from species.models import CuratedObservation

    cursor.execute(
        "CREATE TEMPORARY TABLE staged (n bigint, key uuid, hash uuid, species integer, dataset integer, lon float,"
        " lat float, start integer, days integer, shallow float, deep float, basis smallint, flags bigint)"
        " ON COMMIT DROP"
    )
    header = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    cursor.copy_expert(
        "COPY staged FROM STDIN (FORMAT binary)", io.BytesIO(header + rows.tobytes() + b"\xff\xff")
    )
    further = defaults_of(CuratedObservation, COLUMNS.split(", "))
    cursor.execute(
        INSERT.format(
            further_columns=", ".join(further), further_values=", ".join(further.values())
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    import django

    django.setup()
    fill(asked.rows)
    vacuum()


if __name__ == "__main__":
    main()
