"""Apply the current rules to records that are held; exit 0 done, 1 failed, 2 bad arguments, 75
locked.
"""

import json
import sys
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from species.models import Dataset
from species.refresh.lock import LOCKED_STATUS, Locked, refresh_lock
from species.refresh.recurate import count_outdated, recurate
from species.refresh.recuration import BATCH_RECORDS, Options, Recuration
from species.refresh.stop_signals import TERMINATED_STATUS, Terminated, handle_stop_signals
from species.rules import RULE_SET_VERSION
from users.audit import Action, record

SECONDS_BETWEEN_LINES = 5.0
INTERRUPTED_STATUS = 130
MOST_AT_ONCE = 10_000


class Command(BaseCommand):
    help = "Apply the current rules to stored records. If stopped, run it again to continue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--datasetid", metavar="ID", help="only this dataset")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would change, and change nothing"
        )
        parser.add_argument(
            "--batch-size", metavar="N", type=int, default=BATCH_RECORDS, help="records per commit"
        )
        parser.add_argument(
            "--wait", action="store_true", help="wait for a running refresh to finish"
        )
        parser.add_argument(
            "--json", action="store_true", help="print only one line of JSON at the end"
        )

    def handle(self, *args: Any, **given: Any) -> None:
        self.as_json, self.began, self.spoke = given["json"], time.monotonic(), time.monotonic()
        options = self.read_options(given)
        wait = settings.LOCK_WAIT_SECONDS if given["wait"] else 0.0
        try:
            with handle_stop_signals(), refresh_lock(wait):
                self.total = count_outdated(options)
                self.say(
                    f"{self.total:,} records were made by earlier rules than version {RULE_SET_VERSION}."
                )
                counts = recurate(options)
        except Locked as error:
            raise CommandError(
                "A refresh is running. Use --wait to wait for it.", returncode=LOCKED_STATUS
            ) from error
        except (KeyboardInterrupt, Terminated) as error:
            status = TERMINATED_STATUS if isinstance(error, Terminated) else INTERRUPTED_STATUS
            raise CommandError(
                "Stopped. Finished batches are saved. Run it again to continue.", returncode=status
            ) from error
        if not options.dry_run:
            record(Action.OBSERVATIONS_RECURATED, **summary(counts, options))
        self.sum_up(counts, options)

    def read_options(self, given: dict[str, Any]) -> Options:
        """Return the checked options. Raises CommandError (exit status 2)."""
        dataset = None
        if given["datasetid"]:
            try:
                dataset = UUID(given["datasetid"])
            except ValueError as error:
                raise CommandError(
                    "--datasetid must be the UUID of a dataset.", returncode=2
                ) from error
            if not Dataset.objects.filter(uuid=dataset).exists():
                raise CommandError("No dataset has this ID.", returncode=2)
        if not 1 <= given["batch_size"] <= MOST_AT_ONCE:
            raise CommandError(
                f"--batch-size is a number from 1 to {MOST_AT_ONCE:,}.", returncode=2
            )
        return Options(dataset, given["dry_run"], given["batch_size"], self.progress, self.say)

    def say(self, sentence: str) -> None:
        """Print a message; with --json to stderr."""
        (self.stderr if self.as_json else self.stdout).write(sentence, ending="\n")

    def progress(self, counts: Recuration) -> None:
        now = time.monotonic()
        if now - self.spoke < (0.5 if sys.stdout.isatty() else SECONDS_BETWEEN_LINES):
            return
        self.spoke = now
        rate = counts.examined / (now - self.began)
        self.say(f"  {counts.examined:,} of {self.total:,} records, {rate:,.0f}/s")

    def sum_up(self, counts: Recuration, options: Options) -> None:
        if self.as_json:
            self.stdout.write(json.dumps(summary(counts, options)))
            return
        self.stdout.write(
            f"{'Would be' if options.dry_run else 'Done'}: {counts.examined:,} records examined = {counts.changed:,}"
            f" changed + {counts.confirmed:,} confirmed + {counts.withdrawn:,} withdrawn + {counts.not_kept:,} not kept"
            f" as received + {counts.unusable:,} unusable; {counts.restored:,} restored,"
            f" {counts.datasets_relicensed:,} datasets with another licence."
        )
        for name, number in (*counts.columns.most_common(), *counts.reasons.most_common()):
            if number:
                self.stdout.write(f"  {number:>10,}  {name}")
        if counts.not_kept:
            self.stdout.write(
                "Records not kept as received get the new rules in the next full refresh."
            )


def summary(counts: Recuration, options: Options) -> dict[str, Any]:
    """Return the counts by name."""
    names = ("examined", "changed", "confirmed", "withdrawn", "restored", "not_kept", "unusable")
    return {name: getattr(counts, name) for name in (*names, "datasets_relicensed")} | {
        "dry_run": options.dry_run,
        "rule_set_version": RULE_SET_VERSION,
        "columns": {name: number for name, number in counts.columns.most_common() if number},
        "reasons": dict(counts.reasons),
    }
