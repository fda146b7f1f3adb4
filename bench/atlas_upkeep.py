"""Measure what keeping the atlas true costs: a rebuild, changes of 10,000 and 100,000 records,
merging, bytes on disk.

    python bench/atlas_upkeep.py rebuild      # in the database that DATABASE_URL names, filled by bench/generate.py
    python bench/atlas_upkeep.py changes      # moves dates and depths there

`bench/atlas.py` runs both. On a shared machine trust CPU seconds and ratios more than seconds.
"""

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# One year later and a metre deeper, so that nothing cancels out: each record leaves its cells and
# enters others.
CHANGE = """
    UPDATE species_curatedobservation SET date_start = date_start + 365, date_end = date_end + 365,
        minimum_depth_in_meters = minimum_depth_in_meters + 1, maximum_depth_in_meters = maximum_depth_in_meters + 1
    WHERE id IN (SELECT id FROM bench_chosen)
"""
CHOSEN = "FROM species_curatedobservation o WHERE o.id IN (SELECT id FROM bench_chosen)"
BATCHES = (
    ("10,000 of the largest datasets", 10_000, "dataset_id IN (SELECT id FROM species_dataset"
                                               " ORDER BY published_count DESC LIMIT 50)"),
    ("10,000 world-wide", 10_000, "true"),
    ("100,000 world-wide", 100_000, "true"),
)  # fmt: skip
GIGABYTE = 1 << 30


class Clock:
    """Wall and CPU seconds of this process and of its database backend, since the start."""

    def __init__(self, cursor: Any) -> None:
        cursor.execute("SELECT pg_backend_pid()")
        self.server = Path(f"/proc/{cursor.fetchone()[0]}/stat")
        self.began, self.own_before, self.theirs_before = (
            time.perf_counter(),
            time.process_time(),
            self.of_server(),
        )

    def of_server(self) -> float:
        """Return the CPU seconds of the database backend; 0 where it is not visible."""
        try:
            fields = self.server.read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def wall(self) -> float:
        return time.perf_counter() - self.began

    @property
    def own(self) -> float:
        return time.process_time() - self.own_before

    @property
    def theirs(self) -> float:
        return self.of_server() - self.theirs_before

    @property
    def cpu(self) -> float:
        return self.own + self.theirs

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.own:.1f} s CPU here, {self.theirs:.1f} s in the database)"


def measure_rebuild() -> None:
    from django.db import connection

    from species.density.rebuild import rebuild

    with connection.cursor() as cursor:
        clock = Clock(cursor)
        total = rebuild()
        print(f"rebuild of {total:,}: {clock}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rate, busy_rate = total / clock.wall, total / clock.cpu
        print(f"    {rate:,.0f} records/s, {busy_rate:,.0f} per second of CPU, peak {peak:,.0f} MB")
        report_sizes(cursor)


def measure_changes() -> None:
    from django.db import connection, transaction

    from species.density.compaction import compact_densities
    from species.density.maintain import keep_in_sync

    with connection.cursor() as cursor:
        for name, n, condition in BATCHES:
            choose(cursor, n, condition)
            for _ in range(2):  # the first fetches from disk what all need
                plain = timed(cursor, rolled_back, lambda: cursor.execute(CHANGE))
            with transaction.atomic():
                clock = Clock(cursor)
                with keep_in_sync(cursor, CHOSEN):
                    cursor.execute(CHANGE)
                print(f"{name}: {clock}; the update alone took {plain:.1f} s")
            cursor.execute("SELECT count(*) FROM species_density WHERE layer > 0")
            print(f"    {cursor.fetchone()[0]:,} rows in layers")
            clock = Clock(cursor)
            compact_densities()
            print(f"    merged: {clock}")


@contextmanager
def rolled_back() -> Iterator[None]:
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def timed(cursor: Any, around: Callable, act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    with around():
        act()
    return time.perf_counter() - began


def choose(cursor: Any, n: int, condition: str) -> None:
    cursor.execute("DROP TABLE IF EXISTS bench_chosen")
    cursor.execute(
        f"CREATE TEMPORARY TABLE bench_chosen AS SELECT id FROM species_curatedobservation WHERE {condition}"
        " ORDER BY hashint8(id) LIMIT %s",
        [n],
    )
    cursor.execute("ANALYZE bench_chosen")


def report_sizes(cursor: Any) -> None:
    """Print bytes for each observation, and the size for ten times and for 170 million of them."""
    parts = {
        "rows and texts": "pg_table_size('species_curatedobservation')",
        "their indexes": "pg_indexes_size('species_curatedobservation')",
        "cells": "pg_total_relation_size('species_density')",
        "sample and counts": "pg_total_relation_size('species_sampledobservation')"
        " + pg_total_relation_size('species_facetcount') + pg_total_relation_size('species_stratum')",
    }
    cursor.execute(f"SELECT count(*), {', '.join(parts.values())} FROM species_curatedobservation")
    count, *sizes = cursor.fetchone()
    each = ", ".join(f"{name} {size / count:,.0f}" for name, size in zip(parts, sizes, strict=True))
    whole = sum(sizes) / count
    print(f"bytes for each observation: {each}")
    print(f"    in all {whole:,.0f}; 170 million at this rate: {whole * 170e6 / GIGABYTE:,.0f} GB")
    cursor.execute("SELECT count(*), coalesce(sum(length(entries)), 0) FROM species_density")
    rows, packed = cursor.fetchone()
    print(
        f"    cells: {rows:,} rows, whose entries take {packed / count:,.1f} for each observation"
    )


def main() -> None:
    import django

    django.setup()
    {"rebuild": measure_rebuild, "changes": measure_changes}[sys.argv[1]]()


if __name__ == "__main__":
    main()
