"""Rebuild densities, counts and sample from the observations; exit 75 while a refresh runs."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from species.density.rebuild import rebuild
from species.refresh.lock import LOCKED_STATUS, Locked, refresh_lock

SECONDS_BETWEEN_WORDS = 5.0


class Command(BaseCommand):
    help = (
        "Rebuild the map's densities, counts and sample. Visitors see the "
        "old ones until it is done."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.began = self.spoke = time.monotonic()
        try:
            with refresh_lock():
                done = rebuild(self.progress)
        except Locked as error:
            raise CommandError(
                "A refresh is running. Try again when it has finished.", returncode=LOCKED_STATUS
            ) from error
        seconds = time.monotonic() - self.began
        self.stdout.write(f"Built from {done:,} observations in {seconds:,.1f} s.")

    def progress(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.spoke >= SECONDS_BETWEEN_WORDS:
            self.spoke = now
            rate = done / (now - self.began)
            self.stdout.write(f"{done:,} of {total:,} observations, {rate:,.0f} a second")
