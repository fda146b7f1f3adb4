"""Kill the refresh, as a process of its own, at a chosen moment, and let the next run finish."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

from django.conf import settings
from django.db import connection, connections

from species.models import CuratedObservation, RefreshRun
from tests.refreshing import assert_all_is_true, full, refresh, table
from tests.replay.records import EDNA, MUSEUM, REEF, SMALL, TRAWL

PAGE = ("--page-size", "40")
SECONDS_TO_START = 60


def upstream_changes(world) -> None:
    """What a second refresh meets: something of everything."""
    world.withdraw(TRAWL, 9)
    world.change(REEF, 70, locality="Elsewhere")
    world.reissue(MUSEUM)
    world.add(EDNA, 12)
    world.change(SMALL, 1, decimalLongitude=0, decimalLatitude=0)


def undisturbed(replay) -> dict[bool, list[tuple]]:
    """The table after a first refresh, and after a second one that was not disturbed either."""
    full(more=PAGE)
    first = table()
    upstream_changes(replay.world)
    full(more=PAGE)
    return {True: first, False: table()}


def killed_and_resumed(replay, seed: int) -> tuple[bool, list[tuple]]:
    """(whether it was the first load that was killed, the table in the end). The database is empty
    before.
    """
    chance = random.Random(seed)
    is_first = chance.random() < 0.4
    if not is_first:
        full(more=PAGE)
        upstream_changes(replay.world)
    kill_at_random(replay, chance)
    assert_all_is_true(at_rest=False)
    killed = RefreshRun.objects.latest("pk")
    run = full(more=PAGE)
    assert run.state == "done"
    killed.refresh_from_db()
    assert killed.state == "failed"
    assert_all_is_true()
    assert refresh("--mode", "full").changed == 0
    return is_first, table()


def kill_at_random(replay, chance: random.Random) -> None:
    """Start the command and kill -9 it a random moment after a random request; a walk has some 28
    of them.
    """
    others = sessions()  # the live server of the browser tests may hold one
    replay.log.clear()
    process = started(replay)
    after = chance.randrange(2, 36)
    end = time.monotonic() + SECONDS_TO_START
    while len(replay.log) < after and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.06))
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert alive, "it ended before it could be killed"
    wait_until_gone(others)


def started(replay, *more: str) -> subprocess.Popen:
    """A full refresh in small pages, as a process of its own."""
    upstream = {"OBIS_API_URL": replay.obis_url, "OBIS_PACE_SECONDS": "0.02"}
    return command(
        "refresh_obis_data", "--mode", "full", "--no-enrich", *PAGE, *more, environment=upstream
    )


def command(*words: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen:
    """A management command on the tests' database, with this test's thresholds, as a process of its
    own.
    """
    database = connection.settings_dict
    thresholds = ("DENSITY_THRESHOLD", "RAW_ROW_BOUND", "SAMPLE_SIZE")
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DATABASE_URL": f"postgis://{database['USER']}:{database['PASSWORD']}@{database['HOST']}"
            f":{database['PORT']}/{database['NAME']}",
        }
        | {name: str(getattr(settings, name)) for name in thresholds}
        | dict(environment or {}),
        stdout=subprocess.DEVNULL,
        text=True,
        stderr=subprocess.PIPE,
    )


def kill_while_it_writes(table: str, *words: str) -> None:
    """Start a command and kill -9 it while its transaction changes the table."""
    others = sessions()
    process = command(*words)
    end = time.monotonic() + SECONDS_TO_START
    while not is_written(table) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.001)
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert alive, "it ended before it could be killed"
    wait_until_gone(others)


def is_written(table: str) -> bool:
    """Whether a transaction of somebody else has changed the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = %s::regclass AND mode = 'RowExclusiveLock'"
            " AND pid <> pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [table],
        )
        return cursor.fetchone()[0]


def wait_until_gone(others: set[int]) -> None:
    """The server rolls a killed client's transaction back as soon as it finds out."""
    end = time.monotonic() + 10
    while sessions() - others:
        assert time.monotonic() < end, "the killed client's session lives on"
        time.sleep(0.02)


def sessions() -> set[int]:
    """The server processes of every other client of this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def empty_database() -> None:
    """As at the start of a test, within one."""
    tables = [
        name for name in connection.introspection.table_names() if name.startswith("species_")
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
    assert not CuratedObservation.objects.exists()
    connections.close_all()
