"""Maintain the densities as each refresh does at its end; exit 75 while one runs."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from species.density.maintain import maintain_densities
from species.refresh.lock import LOCKED_STATUS, Locked, refresh_lock


class Command(BaseCommand):
    help = "Merge what changes have added to the map's densities, so that they are read as quickly as ever."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            with refresh_lock():
                maintain_densities(self.stdout.write)
        except Locked as error:
            raise CommandError(
                "A refresh is running; it does the same at its end.", returncode=LOCKED_STATUS
            ) from error
        self.stdout.write(f"Done in {time.monotonic() - began:,.1f} s.")
