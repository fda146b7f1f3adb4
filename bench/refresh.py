"""Measure the refresh: records a second and memory, beside a bare fetch-and-parse and a bare COPY
of the same rows.

    make bench-refresh                       # generated records, from the project's own replaying server
    OBIS_API_URL=... make bench-refresh      # whatever that address serves, with PAGES=N to bound it

Works in a database of its own on the cluster that DATABASE_URL names, and drops it at the end. On a
shared machine trust the ratios, which were taken in one run, more than the seconds.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit, urlunsplit

import orjson
import psycopg2
import requests

ROOT = Path(__file__).resolve().parent.parent
BENCH_DATABASE = "marine_tracker_bench"
RECORDS = os.environ.get("RECORDS", "60000")
DATASETS = "6"
SECONDS_BETWEEN_LOOKS = 0.05
PAGES = os.environ.get("PAGES", "")
GENERATED = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = 'species_curatedobservation'::regclass AND attgenerated <> '' AND NOT attisdropped
"""


def main() -> None:
    address = urlsplit(os.environ["DATABASE_URL"])
    with own_database(address) as url, upstream() as obis_url:
        environment = os.environ | {
            "DATABASE_URL": url,
            "OBIS_API_URL": obis_url,
            "PORTAL_PROFILE": "private",
        }
        manage(environment, "migrate", "-v", "0")
        bare = bare_fetch(obis_url)
        first = refresh(environment)
        second = refresh(environment)
        with closing(psycopg2.connect(as_libpq(url))) as connection:
            copied = bare_copy(connection)
            sizes = bytes_per_record(connection)
    report(bare, copied, first, second, sizes)


@contextmanager
def own_database(address) -> Iterator[str]:
    """Yield the address of an empty database, which is dropped afterwards with the connections that
    are left to it.
    """
    server = psycopg2.connect(as_libpq(urlunsplit(address)))
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {BENCH_DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {BENCH_DATABASE} TEMPLATE template1")
    try:
        yield urlunsplit(address._replace(path=f"/{BENCH_DATABASE}"))
    finally:
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {BENCH_DATABASE} WITH (FORCE)")
        server.close()


def as_libpq(url: str) -> str:
    return url.replace("postgis://", "postgresql://", 1)


@contextmanager
def upstream() -> Iterator[str]:
    """Yield OBIS_API_URL if set, else the address of a replay server with generated records."""
    if url := os.environ.get("OBIS_API_URL"):
        yield url
        return
    command = [sys.executable, "-m", "tests.replay", "--records", RECORDS, "--datasets", DATASETS]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            for line in server.stdout or ():
                if line.startswith("OBIS_API_URL="):
                    yield line.strip().partition("=")[2]
                    break
        finally:
            server.terminate()


def bare_fetch(obis_url: str) -> float:
    """Return the records a second of fetching and parsing every page, and no more."""
    session, count, pages, started = requests.Session(), 0, 0, time.perf_counter()
    datasets = orjson.loads(session.get(f"{obis_url}dataset", params={"size": 10_000}).content)[
        "results"
    ]
    for dataset in datasets:
        after = None
        while not PAGES or pages < int(PAGES):
            question = {
                "datasetid": dataset["id"],
                "size": 5_000,
                "absence": "include",
                "dropped": "include",
            }
            answer = session.get(
                f"{obis_url}occurrence", params=question | ({"after": after} if after else {})
            )
            records = orjson.loads(answer.content)["results"]
            if not records:
                break
            after, count, pages = records[-1]["id"], count + len(records), pages + 1
    return count / (time.perf_counter() - started)


def refresh(environment: dict[str, str]) -> dict:
    """Run one full refresh in a process; return its summary, records a second and peak memory in MB."""
    command = [
        "refresh_obis_data",
        "--mode",
        "full",
        "--no-enrich",
        "--yes",
        "--json",
        "--no-resume",
    ]
    started = time.perf_counter()
    output, peak = manage(environment, *command, *(["--pages", PAGES] if PAGES else []))
    seconds = time.perf_counter() - started
    summary = json.loads(output.splitlines()[-1])
    return summary | {
        "rate": summary["fetched"] / summary["seconds"],
        "wall": seconds,
        "peak": peak / 1024,
    }


def manage(environment: dict[str, str], *arguments: str) -> tuple[str, int]:
    """Run a management command; return its output, and peak kilobytes with its child processes."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    peak = [0]
    watcher = Thread(target=watch, args=(process, peak), daemon=True)
    watcher.start()
    output = process.stdout.read() if process.stdout else ""
    process.wait()
    watcher.join()
    if process.returncode:
        raise SystemExit(
            f"manage.py {' '.join(arguments)} ended with {process.returncode}:\n{output}"
        )
    return output, peak[0]


def watch(process: subprocess.Popen, peak: list[int]) -> None:
    """Keep the greatest resident kilobytes of a process and its children in peak[0]."""
    while process.poll() is None:
        with suppress(OSError):  # one that has just ended
            # by the thread that started them
            lists = Path(f"/proc/{process.pid}/task").glob("*/children")
            family = [
                str(process.pid),
                *" ".join(children.read_text() for children in lists).split(),
            ]
            peak[0] = max(peak[0], sum(map(resident, family)))
        time.sleep(SECONDS_BETWEEN_LOOKS)


def resident(pid: str) -> int:
    """Return the resident kilobytes of a process."""
    return (
        int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    )


def bare_copy(connection) -> float:
    """Return the records a second of one COPY of the same rows into a table without indexes."""
    file = Path(os.environ.get("TMPDIR", "/var/tmp")) / f"{BENCH_DATABASE}.{os.getpid()}"
    try:
        with connection.cursor() as cursor:
            with file.open("w+b") as rows:
                cursor.copy_expert("COPY species_curatedobservation TO STDOUT", rows)
                rows.seek(0)
                # The row as COPY writes it out: without what the database generates.
                cursor.execute(
                    "CREATE TABLE bare AS SELECT * FROM species_curatedobservation WITH NO DATA"
                )
                cursor.execute(GENERATED)
                for (name,) in cursor.fetchall():
                    cursor.execute(f"ALTER TABLE bare DROP COLUMN {name}")
                connection.commit()
                started = time.perf_counter()
                cursor.copy_expert("COPY bare FROM STDIN", rows)
                connection.commit()
            seconds = time.perf_counter() - started
            return cursor.rowcount / seconds
    finally:
        file.unlink(missing_ok=True)


def bytes_per_record(connection) -> dict[str, float]:
    """Return bytes on disk for each record: rows, indexes, and the records as received."""
    parts = {
        "rows": "pg_table_size('species_curatedobservation')",
        "indexes": "pg_indexes_size('species_curatedobservation')",
        "records as received": "pg_total_relation_size('species_recordasreceived')",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*)::float, {', '.join(parts.values())} FROM species_curatedobservation"
        )
        count, *sizes = cursor.fetchone()
    return {name: size / count for name, size in zip(parts, sizes, strict=True)}


def report(bare: float, copied: float, first: dict, second: dict, sizes: dict[str, float]) -> None:
    print(f"{'':34}{'records/s':>12}{'of bare fetch':>15}{'peak MB':>9}")
    for name, rate, peak in (
        ("bare fetch and parse", bare, None),
        ("bare COPY of the same rows", copied, None),
        (f"first load ({first['added']:,} added)", first["rate"], first["peak"]),
        (f"again ({second['unchanged']:,} unchanged)", second["rate"], second["peak"]),
    ):
        print(f"{name:34}{rate:>12,.0f}{rate / bare:>15.2f}{f'{peak:,.0f}' if peak else '':>9}")
    print("bytes per record: " + ", ".join(f"{name} {size:,.0f}" for name, size in sizes.items()))


if __name__ == "__main__":
    main()
