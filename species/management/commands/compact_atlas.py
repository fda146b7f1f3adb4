"""Maintain the densities as each refresh does at its end; exit 75 while one runs."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from species.density.maintain import maintain_densities
from species.refresh.lock import LOCKED_STATUS, Locked, refresh_lock


class Command(BaseCommand):
    help = "Merge recent changes into the map's densities to keep the map fast."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            with refresh_lock():
                maintain_densities(self.stdout.write)
        except Locked as error:
            raise CommandError(
                "A refresh is running. It will compact the densities when it ends.",
                returncode=LOCKED_STATUS,
            ) from error
        self.stdout.write(f"Done in {time.monotonic() - began:,.1f} s.")
