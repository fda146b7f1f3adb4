"""Prove densities, counts and sample equal to the observations; exit 1 with the errors found."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from species.density.check import find_errors

MOST_SAID = 20


class Command(BaseCommand):
    help = "Check that the map's densities match the records."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sample",
            type=int,
            metavar="N",
            help="check only N random pairs of a subject and a tile",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sample"] is not None and options["sample"] < 0:
            raise CommandError("--sample can't be negative.", returncode=2)
        say = self.stdout.write if options["verbosity"] > 1 else lambda _: None
        found = 0
        for complaint in find_errors(options["sample"], say):
            found += 1
            self.stdout.write(complaint)
            if found == MOST_SAID:
                break
        if found:
            raise CommandError("The map's densities don't match the records. Run rebuild_atlas.")
        self.stdout.write("The map's densities match the records.")
