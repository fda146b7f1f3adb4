"""The process that `workshop` starts: it reads and cleans pages, and knows neither database nor
settings.
"""

import gc
import pickle  # nosec B403  # between our own processes only
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import IO
from uuid import UUID

from species.refresh.clean.incoming import Arrival, arrivals
from species.refresh.fetch.page_parser import read_page
from species.refresh.parser_process import Job, PageHead


def serve(jobs: IO[bytes], out: IO[bytes]) -> None:
    """The other side: jobs until there are no more, or nobody who takes what is made of them."""
    gc.freeze()
    gc.set_threshold(50_000)
    with suppress(EOFError, BrokenPipeError):
        while True:
            job, size = pickle.load(jobs)  # noqa: S301  # nosec B301  # from the process that started us
            for answer in work(jobs.read(size), job):
                pickle.dump(answer, out, pickle.HIGHEST_PROTOCOL)
                out.flush()


def work(body: bytes, job: Job) -> Iterator[PageHead | list[Arrival] | Exception | None]:
    try:
        page = read_page(body, job.asked)
        yield PageHead(page.total, page.bytes, page.count, page.last_id)
        yield from arrivals(page, UUID(str(job.asked.dataset)), clean=True, keep=job.keep)
        yield None
    except Exception as error:
        yield error


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
