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

import orjson
import pytest
from django.db import transaction

from species.models import CuratedObservation, RejectedRecord
from species.refresh import prefetch
from species.refresh.fetch.errors import DatasetFault, UnusableAnswer
from species.refresh.fetch.page_parser import PageRequest
from species.refresh.parser_process import ParserProcess, ParserProcessEnded
from species.refresh.prefetch import start_thread
from species.refresh.records import IncomingRecord
from tests.refreshing import assert_all_is_true, full, held, table
from tests.replay.records import REEF, SMALL, TRAWL

ID = "00000000-0000-4000-8000-0000000{:05}"
REQUEST = PageRequest(SMALL, None, 10_000)
SECONDS_TO_END = 10


@pytest.fixture
def parser():
    with closing(ParserProcess()) as parser:
        yield parser


def body(*records: dict) -> bytearray:
    rows = [{"id": ID.format(n), "dataset_id": SMALL} | record for n, record in enumerate(records)]
    return bytearray(orjson.dumps({"total": len(rows), "results": rows}))


def made_of(parser: ParserProcess, given: bytearray) -> list:
    head, slices = parser.open_page(given, REQUEST, keep=True)
    return [head, *slices]


def child_of(parser: ParserProcess) -> int:
    made_of(parser, body())
    return next(iter(parser._pool._processes))


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


def taken_until_told(slices: Iterator[list[IncomingRecord]]) -> list[IncomingRecord]:
    taken = []
    with pytest.raises(ParserProcessEnded):
        for records in slices:
            taken += records
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
    monkeypatch.setattr(prefetch, "MIN_BYTES", 0)
    assert refreshed() == here


def test_what_cannot_be_read_is_the_same_exception_as_here(parser):
    with pytest.raises(UnusableAnswer, match="no complete JSON"):
        made_of(parser, bytearray(b'{"total": NaN, "results": []}'))
    with pytest.raises(UnusableAnswer, match="records of another dataset") as refused:
        made_of(parser, body({"dataset_id": TRAWL}))
    assert refused.value.retries == 3
    deep = bytes(body({"dynamicProperties": 0})).replace(
        b":0}", b":%s}" % (b"[" * 300 + b"]" * 300)
    )
    assert made_of(parser, bytearray(deep))[1][0].result.reason == "nested_too_deeply"
    assert made_of(parser, body())[0].records == 0


@pytest.mark.parametrize("is_dead", [False, True], ids=["closed", "killed, another begun, closed"])
def test_a_page_that_nobody_takes_leaves_nothing_behind_in_the_way_of_the_next(parser, is_dead):
    given_up = ParserProcess()
    children = [child_of(given_up)]
    given_up.open_page(body(*[{}] * 9_000), REQUEST, keep=True)
    if is_dead:
        os.kill(children[0], signal.SIGKILL)
        assert ends(children[0])
        children.append(child_of(given_up))
        given_up.open_page(body(*[{}] * 9_000), REQUEST, keep=True)
    given_up.close()
    assert all(map(ends, children))
    with pytest.raises(ParserProcessEnded):
        given_up.open_page(body({}), REQUEST, keep=True)  # nor does one that was on its way in
    assert made_of(parser, body({}))[0].records == 1


def test_pages_that_were_given_up_do_not_stay_in_memory(parser):
    for _ in range(4):
        parser.open_page(body(*[{}] * 3), REQUEST, keep=True)
    count = "len(__import__('sys').modules['species.refresh.parser_process']._open_pages)"
    assert parser._pool.submit(eval, count).result(SECONDS_TO_END) <= 2


@pytest.mark.parametrize("is_told_first", [False, True], ids=["slices are left", "only bad news"])
def test_a_page_ends_in_words_when_the_one_behind_it_finds_the_process_killed(
    parser, is_told_first
):
    child = child_of(parser)
    _, slices = parser.open_page(body(*[{}] * 9_000), REQUEST, keep=True)
    taken = next(slices)  # the slice behind it is being made
    os.kill(child, signal.SIGKILL)
    assert ends(child)
    if is_told_first:
        taken += taken_until_told(slices)
    assert made_of(parser, body({}))[0].records == 1
    if not is_told_first:
        rest = start_thread(partial(taken_until_told, slices))
        taken += rest.result(SECONDS_TO_END)
    assert [str(record.obis_id) for record in taken] == [ID.format(n) for n in range(len(taken))]
    assert taken


@pytest.mark.django_db
def test_a_walk_that_begins_anew_does_not_wait_behind_the_page_of_its_successor(
    upstream, monkeypatch
):
    monkeypatch.setattr(prefetch, "MIN_BYTES", 0)
    first = min(upstream.world.datasets)
    upstream.world.empty(first)
    # after its end was read and the next dataset begun
    upstream.world.in_mid_walk(first, 1, "give_back")
    with at_most(SECONDS_TO_END):
        run = full(first, REEF)
    assert [note for note in run.notes if "began anew" in note]
    assert (run.is_complete, held(first) > 0, held(REEF) > 0) == (True, True, True)
    assert_all_is_true()


def test_a_killed_process_fails_its_dataset_in_words_and_not_the_next_page(parser):
    child = child_of(parser)
    _, slices = parser.open_page(body(*[{}] * 9_000), REQUEST, keep=True)
    os.kill(child, signal.SIGKILL)  # while it has the records before it
    with pytest.raises(DatasetFault, match="process that prepares pages ended"):
        list(slices)
    assert ends(child)
    assert made_of(parser, body({}))[0].records == 1


def test_a_process_that_was_killed_while_idle_is_replaced_before_the_next_page(parser):
    child = child_of(parser)
    os.kill(child, signal.SIGKILL)
    assert ends(child)
    assert made_of(parser, body({}))[0].records == 1


def test_ctrl_c_is_left_to_the_process_that_started_it(parser):
    child = child_of(parser)
    os.kill(child, signal.SIGINT)
    assert made_of(parser, body({}))[0].records == 1
    assert child_of(parser) == child


def test_it_ends_with_the_process_that_started_it_even_if_that_is_killed():
    code = "\n".join((
        "import sys; from species.refresh.fetch.page_parser import PageRequest",
        "from species.refresh.parser_process import ParserProcess",
        f"body, request = bytearray({bytes(body({}))!r}), PageRequest({SMALL!r}, None, 10_000)",
        "parser = ParserProcess(); parser.open_page(body, request, keep=True)",
        "print(next(iter(parser._pool._processes)), flush=True); sys.stdin.read()",
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


def test_closing_ends_it(parser):
    child = child_of(parser)
    parser.close()
    assert ends(child)
