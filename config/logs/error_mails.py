"""Mails to ADMINS about errors: few, and never sent while a visitor waits.

The same error is mailed once an hour, and each process sends at most `MOST` mails an hour. The log
has all errors. Mails that wait when the process ends are sent within `LAST_SECONDS` or lost.
"""

import atexit
import time
from copy import copy
from logging import LogRecord
from queue import Full, Queue
from threading import Lock, Thread
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.log import AdminEmailHandler

HOUR, MOST = 3_600.0, 10
LAST_SECONDS = 5.0


class Allowance:
    """The mails that may be sent in the current hour, and the number suppressed."""

    def __init__(self) -> None:
        self.began, self.sent, self.held_back, self.lock = -HOUR, set[str](), 0, Lock()

    def grant(self, subject: str, now: float) -> int | None:
        """Return the number suppressed since the last mail; None to suppress this one."""
        with self.lock:
            if now - self.began >= HOUR:
                self.began, self.sent = now, set()
            if subject in self.sent or len(self.sent) >= MOST:
                self.held_back += 1
                return None
            self.sent.add(subject)
            held_back, self.held_back = self.held_back, 0
            return held_back


class Outbox:
    """A queue of mails with the thread that sends them."""

    def __init__(self) -> None:
        self.waiting: Queue[Any] = Queue(maxsize=MOST)
        self.sender: Thread | None = None
        self.lock = Lock()

    def put(self, send: Any) -> None:
        with self.lock:
            # in this process: threads do not survive a fork
            if self.sender is None or not self.sender.is_alive():
                self.sender = Thread(target=self.run, name="error mails", daemon=True)
                self.sender.start()
                atexit.register(self.wait)
        try:
            self.waiting.put_nowait(send)
        except Full:  # the mail server hangs; the log has it
            return

    def run(self) -> None:
        while True:
            send = self.waiting.get()
            try:
                send()
            finally:
                connections.close_all()  # the backend may keep what it could not send
                self.waiting.task_done()

    def wait(self, seconds: float = LAST_SECONDS) -> None:
        """Wait until all are sent, at most so many seconds."""
        end = time.monotonic() + seconds
        while self.waiting.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.05)


OUTBOX, ALLOWANCE = Outbox(), Allowance()


class ErrorMails(AdminEmailHandler):
    """Django's handler, with an allowance and without waiting for the mail server."""

    def emit(self, record: LogRecord) -> None:
        """Mail the record unless the same error was mailed in this hour."""
        if not settings.ADMINS:
            return
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        held_back = ALLOWANCE.grant(
            f"{record.name} {record.msg} {kind} {_place_of(record)}", time.monotonic()
        )
        if held_back is None:
            return
        if held_back:
            record = _with_note(record, held_back)
        super().emit(record)

    def send_mail(self, subject: Any, message: Any, *args: Any, **kwargs: Any) -> None:
        OUTBOX.put(lambda: super(ErrorMails, self).send_mail(subject, message, *args, **kwargs))


def _place_of(record: LogRecord) -> str:
    """Return where the exception was raised, since one error may occur at many addresses."""
    trace = record.exc_info[2] if record.exc_info else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return (
        f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else record.getMessage()
    )


def _with_note(record: LogRecord, held_back: int) -> LogRecord:
    noted = copy(record)
    noted.msg, noted.args = (
        f"{record.getMessage()} ({held_back} more since the last mail are in the log)",
        (),
    )
    return noted
