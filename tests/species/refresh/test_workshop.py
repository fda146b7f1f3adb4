"""The second process that prepares large pages: the same records, the same refusals, and an end whatever happens."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from threading import enumerate as enumerate_threads
from uuid import UUID

import orjson
import pytest
from django.db import transaction

from species.models import CuratedObservation, RejectedRecord
from species.refresh import ahead
from species.refresh.faults import Unusable, UpstreamError
from species.refresh.workshop import Job, Workshop, WorkshopClosed
from tests.refreshing import assert_all_is_true, full, table
from tests.replay.records import SMALL, TRAWL

ID = "00000000-0000-4000-8000-0000000{:05}"
JOB = Job(UUID(SMALL), None, keep=True)
SECONDS_TO_END = 10


@pytest.fixture
def shop():
    with closing(Workshop()) as shop:
        yield shop


def body(*records: dict) -> bytearray:
    rows = [{"id": ID.format(n), "dataset_id": SMALL} | record for n, record in enumerate(records)]
    return bytearray(orjson.dumps({"total": len(rows), "results": rows}))


def made_of(shop: Workshop, given: bytearray) -> list:
    head, slices = shop.read(given, JOB)
    return [head, *slices]


def child_of(shop: Workshop) -> int:
    made_of(shop, body())
    return shop._process.pid


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def ends(pid: int) -> bool:
    end = time.monotonic() + SECONDS_TO_END
    while not has_ended(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return has_ended(pid)


@pytest.mark.django_db
@pytest.mark.usefixtures("upstream")
def test_a_refresh_ends_with_the_same_tables_wherever_its_pages_were_prepared(monkeypatch):
    def refreshed() -> list:
        full(more=("--page-size", "40"))
        assert_all_is_true()
        rejected = RejectedRecord.objects.order_by("key", "reason").values_list("key", "reason", "occurrence_id")
        received = CuratedObservation.objects.order_by("key").values_list("received__payload", "event_date", "sst")
        return [table(), list(rejected), [(bytes(payload), *rest) for payload, *rest in received]]

    with transaction.atomic():
        here = refreshed()
        transaction.set_rollback(True)
    monkeypatch.setattr(ahead, "WORTH_BYTES", 0)
    assert refreshed() == here


def test_what_cannot_be_read_is_the_same_exception_as_here(shop):
    with pytest.raises(Unusable, match="no complete JSON"):
        made_of(shop, bytearray(b'{"total": 1, "results": [{"id": NaN}]}'))
    with pytest.raises(Unusable, match="records of another dataset") as refused:
        made_of(shop, body({"dataset_id": TRAWL}))
    assert refused.value.retries == 3
    deep = bytes(body({"dynamicProperties": 0})).replace(b":0}", b":%s}" % (b"[" * 300 + b"]" * 300))
    with pytest.raises(UpstreamError, match="nested too deeply"):
        made_of(shop, bytearray(deep))
    assert made_of(shop, body())[0].records == 0


def test_a_page_that_nobody_takes_leaves_nothing_behind_in_the_way_of_the_next(shop):
    given_up = Workshop()
    given_up.read(body(*[{}] * 9_000), JOB)  # more than it may get ahead
    given_up.close()
    with pytest.raises(WorkshopClosed):
        given_up.read(body({}), JOB)  # nor does one that was on its way in
    assert made_of(shop, body({}))[0].records == 1
    assert not [thread for thread in enumerate_threads() if thread.name == "workshop"][1:]


def test_a_killed_workshop_fails_the_page_in_words_and_not_the_next(shop):
    child = child_of(shop)
    _, slices = shop.read(body(*[{}] * 9_000), JOB)
    os.kill(child, signal.SIGKILL)  # while it has the records before it
    with pytest.raises(WorkshopClosed, match="process that prepares pages ended"):
        list(slices)
    assert ends(child)
    assert made_of(shop, body({}))[0].records == 1


def test_it_ends_with_the_process_that_started_it_even_if_that_is_killed():
    code = "\n".join((
        "import sys; from uuid import UUID; from species.refresh.workshop import Job, Workshop",
        f"shop = Workshop(); shop.read(bytearray({bytes(body({}))!r}), Job(UUID({SMALL!r}), None, True))",
        "print(shop._process.pid, flush=True); sys.stdin.read()",
    ))  # fmt: skip
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    child = int(parent.stdout.readline())
    assert not has_ended(child)
    parent.kill()
    parent.communicate()
    assert ends(child)


def test_closing_ends_it(shop):
    child = child_of(shop)
    shop.close()
    assert has_ended(child)
