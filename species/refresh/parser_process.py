"""A second process that reads and cleans large pages, so that this one can talk to the database
meanwhile.

This is our end of its pipes, the other one is `workbench`. A job goes in as the raw body of a page;
out come the page's head, then its records slice by slice, or the exception that reading them
raised. The other process is started by the first page that is worth it, and ends with its standard
input: also when this one is killed.
"""

import pickle  # nosec B403  # between our own processes only
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Queue, SimpleQueue
from threading import Lock, Thread
from typing import IO, Any, NamedTuple, cast

from species.refresh.clean.incoming import Arrival
from species.refresh.fetch.errors import DatasetFault
from species.refresh.fetch.page_parser import PageRequest

ROOT = Path(__file__).resolve().parent.parent.parent
# that wait to be written; beyond that the other process waits, so that memory stays bounded
SLICES_AHEAD = 1
WORTH_BYTES = 1 << 20  # what is smaller is read and cleaned sooner here than there


class Job(NamedTuple):
    """What is to be made of a body: the page that was asked for; `keep` as in Arrival.clean."""

    asked: PageRequest
    keep: bool


class PageHead(NamedTuple):
    """Of a page: what OBIS announced for the whole walk, bytes of JSON, number of records, the last
    one's id.
    """

    total: int
    size: int
    records: int
    last_id: str | None


class WorkshopClosed(DatasetFault):
    """The other process ended while it was needed: perhaps by what it was at, and the next page
    starts a new one.
    """

    def __init__(self) -> None:
        super().__init__("The process that prepares pages ended (killed, or out of memory).")


@dataclass(slots=True)
class Workshop:
    """This side. `read` may be called by one thread while another takes slices. To be closed."""

    _process: subprocess.Popen | None = None
    # a queue of answers for each job under way, in order
    _waiting: SimpleQueue = field(default_factory=SimpleQueue)
    # one is being taken, one comes in
    _latest: deque[Queue] = field(default_factory=partial(deque, maxlen=2))
    _lock: Lock = field(default_factory=Lock)
    _is_closed: bool = False

    def read(self, body: bytearray, job: Job) -> tuple[PageHead, Iterator[list[Arrival]]]:
        """The page's head, once all of it was read, and its slices as they get ready. Raises what
        reading raises.
        """
        answers: Queue = Queue(maxsize=SLICES_AHEAD)
        with self._lock:  # a page that nobody waits for any more may still be on its way in
            process = self._start()
            self._waiting.put(answers)
            self._latest.append(answers)
            # by whoever has given up this page too: nobody would take its slices
            if self._is_closed:
                self._end()
                raise WorkshopClosed
            try:
                pickle.dump((job, len(body)), process.stdin)
                process.stdin.write(body)
                process.stdin.flush()
            except OSError as error:
                raise WorkshopClosed from error
        body.clear()  # the other process has it now
        return _taken(answers), iter(lambda: _taken(answers), None)

    def close(self) -> None:
        """End the other process, whatever it is at, for good."""
        self._is_closed = True
        self._end()

    def _end(self) -> None:
        """Whoever still takes slices gets, in order, those that were ready, and is then told."""
        process, self._process = self._process, None
        if process:
            self._waiting.put(None)
            process.kill()
            process.wait()
            for answers in tuple(self._latest):
                _let_all_in(answers)
            with suppress(BrokenPipeError):
                cast(IO[bytes], process.stdin).close()

    def _start(self) -> Any:
        if self._process and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "species.refresh.parser_child"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0,  # Ctrl-C is for us; we tell it
            )
            self._waiting = SimpleQueue()
            Thread(
                target=_listen,
                args=(self._process.stdout, self._waiting),
                daemon=True,
                name="workshop",
            ).start()
        return self._process


def _listen(stream: IO[bytes], waiting: SimpleQueue) -> None:
    """Hand the answers to the jobs they belong to, in order; each job's end with None or an
    exception.
    """
    with stream:
        while answers := waiting.get():
            answer: Any = ...
            while answer is not None and not isinstance(answer, Exception):
                try:
                    answer = pickle.load(stream)  # noqa: S301  # nosec B301  # from our own process
                except Exception:  # whatever it is, nothing after it can be understood
                    answer = WorkshopClosed()
                answers.put(answer)


def _let_all_in(answers: Queue) -> None:
    """Keep nobody waiting who puts in what is left of a process that ended, whether or not somebody
    takes it.
    """
    with answers.mutex:
        answers.maxsize = sys.maxsize  # what a pipe held, no more
        answers.not_full.notify_all()


def _taken(answers: Queue) -> Any:
    answer = answers.get()
    if isinstance(answer, Exception):
        raise answer
    return answer
