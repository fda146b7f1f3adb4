"""The second process that prepares large pages: the same records, the same refusals, and an end
whatever happens.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from threading import enumerate as enumerate_threads

import orjson
import pytest
from django.db import transaction

from species.models import CuratedObservation, RejectedRecord
from species.refresh import prefetch
from species.refresh.clean.incoming import Arrival
from species.refresh.fetch.errors import DatasetFault, UnusableAnswer
from species.refresh.fetch.page_parser import PageRequest
from species.refresh.parser_process import Job, Workshop, WorkshopClosed
from species.refresh.prefetch import start_thread
from tests.refreshing import assert_all_is_true, full, held, table
from tests.replay.records import REEF, SMALL, TRAWL

ID = "00000000-0000-4000-8000-0000000{:05}"
JOB = Job(PageRequest(SMALL, None, 10_000), keep=True)
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


def comes(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS_TO_END
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def listeners() -> int:
    return sum(thread.name == "workshop" for thread in enumerate_threads())


def is_as_far_ahead_as_it_may(shop: Workshop) -> bool:
    """Whether the listener waits with one slice in its hand until another one is taken."""
    return bool(shop._latest[-1].not_full._waiters)


def taken_until_told(slices: Iterator[list[Arrival]]) -> list[Arrival]:
    taken = []
    with pytest.raises(WorkshopClosed):
        for arrivals in slices:
            taken += arrivals
    return taken


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """What takes longer is stuck, and fails instead of keeping the suite waiting."""

    def stuck(*_) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stuck)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.django_db
@pytest.mark.usefixtures("upstream")
def test_a_refresh_ends_with_the_same_tables_wherever_its_pages_were_prepared(monkeypatch):
    def refreshed() -> list:
        full(more=("--page-size", "40"))
        assert_all_is_true()
        rejected = RejectedRecord.objects.order_by("key", "reason").values_list(
            "key", "reason", "occurrence_id"
        )
        received = CuratedObservation.objects.order_by("key").values_list(
            "received__payload", "event_date", "sst"
        )
        return [table(), list(rejected), [(bytes(payload), *rest) for payload, *rest in received]]

    with transaction.atomic():
        here = refreshed()
        transaction.set_rollback(True)
    monkeypatch.setattr(prefetch, "WORTH_BYTES", 0)
    assert refreshed() == here


def test_what_cannot_be_read_is_the_same_exception_as_here(shop):
    with pytest.raises(UnusableAnswer, match="no complete JSON"):
        made_of(shop, bytearray(b'{"total": NaN, "results": []}'))
    with pytest.raises(UnusableAnswer, match="records of another dataset") as refused:
        made_of(shop, body({"dataset_id": TRAWL}))
    assert refused.value.retries == 3
    deep = bytes(body({"dynamicProperties": 0})).replace(
        b":0}", b":%s}" % (b"[" * 300 + b"]" * 300)
    )
    assert made_of(shop, bytearray(deep))[1][0].refusal == "nested_too_deeply"
    assert made_of(shop, body())[0].records == 0


@pytest.mark.parametrize(
    "is_dead", [False, True], ids=["closed", "killed, another begun, then closed"]
)
def test_a_page_that_nobody_takes_leaves_nothing_behind_in_the_way_of_the_next(shop, is_dead):
    before = listeners()
    given_up = Workshop()
    given_up.read(body(*[{}] * 9_000), JOB)
    assert comes(lambda: is_as_far_ahead_as_it_may(given_up))
    if is_dead:
        given_up._process.kill()
        assert ends(given_up._process.pid)
        given_up.read(body(*[{}] * 9_000), JOB)
        assert comes(lambda: is_as_far_ahead_as_it_may(given_up))
    given_up.close()
    assert comes(lambda: listeners() == before)
    with pytest.raises(WorkshopClosed):
        given_up.read(body({}), JOB)  # nor does one that was on its way in
    assert comes(lambda: listeners() == before)
    assert made_of(shop, body({}))[0].records == 1


@pytest.mark.parametrize(
    "is_told_first", [False, True], ids=["slices are left", "only the bad news is left"]
)
def test_a_page_ends_in_words_when_the_one_behind_it_finds_the_workshop_killed(shop, is_told_first):
    _, slices = shop.read(body(*[{}] * 9_000), JOB)
    answers = shop._latest[-1]
    assert comes(lambda: is_as_far_ahead_as_it_may(shop))
    shop._process.kill()
    assert ends(shop._process.pid)
    taken = []
    while (
        is_told_first and comes(answers.full) and not isinstance(answers.queue[0], WorkshopClosed)
    ):
        taken += next(slices)
    assert made_of(shop, body({}))[0].records == 1
    rest = start_thread(partial(taken_until_told, slices))
    taken += rest.result(SECONDS_TO_END)
    assert [str(arrival.obis_id) for arrival in taken] == [ID.format(n) for n in range(len(taken))]
    assert taken


@pytest.mark.django_db
def test_a_walk_that_begins_anew_does_not_wait_behind_the_page_of_its_successor(
    upstream, monkeypatch
):
    monkeypatch.setattr(prefetch, "WORTH_BYTES", 0)
    first = min(upstream.world.datasets)
    upstream.world.empty(first)
    # after its end was read and the next dataset begun
    upstream.world.in_mid_walk(first, 1, "give_back")
    with at_most(SECONDS_TO_END):
        run = full(first, REEF)
    assert [note for note in run.notes if "began anew" in note]
    assert (run.is_complete, held(first) > 0, held(REEF) > 0) == (True, True, True)
    assert_all_is_true()


def test_a_killed_workshop_fails_its_dataset_in_words_and_not_the_next_page(shop):
    child = child_of(shop)
    _, slices = shop.read(body(*[{}] * 9_000), JOB)
    os.kill(child, signal.SIGKILL)  # while it has the records before it
    with pytest.raises(DatasetFault, match="process that prepares pages ended"):
        list(slices)
    assert ends(child)
    assert made_of(shop, body({}))[0].records == 1


def test_it_ends_with_the_process_that_started_it_even_if_that_is_killed():
    code = "\n".join((
        "import sys; from uuid import UUID; from species.refresh.fetch.page_parser import PageRequest",
        "from species.refresh.parser_process import Job, Workshop",
        f"job = Job(PageRequest({SMALL!r}, None, 10_000), True)",
        f"shop = Workshop(); shop.read(bytearray({bytes(body({}))!r}), job)",
        "print(shop._process.pid, flush=True); sys.stdin.read()",
    ))  # fmt: skip
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path.cwd(),
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
