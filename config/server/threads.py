"""A pool of threads that start on demand and end when they are idle."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from django.db import connections

IDLE_SECONDS = 60


class Threads:
    """At most so many threads, each with a database connection. A stop does not wait for them."""

    def __init__(self, most: int) -> None:
        self.most, self.number, self.unfinished = most, 0, 0
        self.lock = Lock()
        self.jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def run(self, job: Callable[[], None]) -> None:
        """Run the job on the next free thread. The job must not raise."""
        with self.lock:
            self.unfinished += 1
            if self.number < min(self.unfinished, self.most):
                self.number += 1
                Thread(target=self.work, daemon=True).start()
        self.jobs.put(job)

    def work(self) -> None:
        while True:
            try:
                job = self.jobs.get(timeout=IDLE_SECONDS)
            except Empty:
                with self.lock:
                    if self.unfinished < self.number:
                        self.number -= 1
                        break
            else:
                job()
                del job  # and the response that it holds
                with self.lock:
                    self.unfinished -= 1
        connections.close_all()
