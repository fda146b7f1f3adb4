"""Load demonstration records and accounts, or take the records out again."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from species.demonstration import accounts, loading
from species.refresh.lock import LOCKED_STATUS, Locked, refresh_lock
from users.audit import Action, record

MOST_RECORDS = 5_000_000


class Command(BaseCommand):
    help = "Load made-up demo records, or remove them (--remove)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--records", default="60000", metavar="N", help="number of records (default 60000)"
        )
        parser.add_argument(
            "--remove", action="store_true", help="delete the demo records and datasets"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        total = whole_number(options["records"])
        try:
            with refresh_lock():
                if options["remove"]:
                    self.remove()
                else:
                    self.load(total)
        except Locked as error:
            raise CommandError(
                "A refresh is running. Try again when it has finished.", returncode=LOCKED_STATUS
            ) from error

    def remove(self) -> None:
        records, datasets = loading.remove_records()
        record(Action.DEMONSTRATION_REMOVED, records=records, datasets=datasets)
        self.stdout.write(f"Removed {records:,} demonstration records and {datasets} datasets.")

    def load(self, total: int) -> None:
        began = time.monotonic()
        self.stdout.write(f"Loading {total:,} demonstration records ...")
        books = loading.load_records(total, self.stdout.write)
        record(Action.DEMONSTRATION_LOADED, records=total, added=books["added"])
        outcomes = ", ".join(
            f"{books[name]:,} {name}"
            for name in ("added", "changed", "returned", "unchanged", "rejected")
        )
        self.stdout.write(
            f"Done in {time.monotonic() - began:,.0f} s: {outcomes}. {loading.count_records():,} are held."
        )
        if accounts.are_allowed():
            self.stdout.write(accounts.make_accounts().rstrip())
        else:
            self.stdout.write(
                "No demonstration accounts: this portal is not private (PORTAL_PROFILE, DEBUG)."
            )


def whole_number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise CommandError(
            f"--records must be a whole number, not {text!r}.", returncode=2
        ) from None
    if not 1 <= number <= MOST_RECORDS:
        raise CommandError(f"--records must be between 1 and {MOST_RECORDS:,}.", returncode=2)
    return number
