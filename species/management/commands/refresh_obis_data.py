"""Fetch occurrences from OBIS, curate them, publish what changed; exit 0 done, 1 failed, 2 bad
arguments, 75 locked.
"""

import getpass
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from species.models import Dataset, DatasetVisit, RefreshRun
from species.refresh.fetch.errors import printable
from species.refresh.lock import LOCKED_STATUS, Locked, refresh_lock
from species.refresh.options import BadOptions, Options
from species.refresh.plan import Plan
from species.refresh.run_state import Stopped, queue_run
from species.refresh.stop_signals import TERMINATED_STATUS, Terminated, handle_stop_signals
from species.refresh.sync import Reporter, run_refresh
from users.audit import Action, record

SECONDS_BETWEEN_LINES = 5.0
INTERRUPTED_STATUS = 130  # as shells report Ctrl-C


class Command(BaseCommand):
    help = "Update records from OBIS, and their names from WoRMS."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--mode", default="incremental", help="incremental (default) or full")
        add(
            "--by",
            default="updated",
            help="incremental: datasets updated (default), or records by event date",
        )
        add(
            "--start-date",
            metavar="D",
            help="start date, such as 2026-01-31 (default: a month ago)",
        )
        add("--end-date", metavar="D", help="end date (default: today)")
        add("--pages", metavar="N", help="stop after N pages (the next run continues from there)")
        add("--page-size", metavar="N", help="records per page, at most 10,000")
        add(
            "--taxonid",
            action="append",
            default=[],
            help="only this AphiaID and lower ranks (repeat or use commas)",
        )
        add(
            "--datasetid",
            action="append",
            default=[],
            help="only this dataset (repeat or use commas)",
        )
        add("--geometry", metavar="WKT", default="", help="only within this POLYGON or POINT")
        add("--dry-run", action="store_true", help="compare only, change no records")
        add(
            "--resume",
            action="store_true",
            default=True,
            help="continue from the last committed page (default)",
        )
        add(
            "--no-resume",
            action="store_false",
            dest="resume",
            help="start every dataset from the beginning",
        )
        add(
            "--accept-withdrawals",
            metavar="DATASET",
            default="",
            help="publish an update that is on hold",
        )
        add(
            "--wait",
            action="store_true",
            help="wait for a running refresh instead of exiting with 75",
        )
        add(
            "--yes",
            action="store_true",
            help="confirm a large refresh, new datasets, or a narrower scope",
        )
        add("--no-enrich", action="store_false", dest="enrich", help="skip WoRMS")
        add(
            "--json",
            action="store_true",
            help="print only one line of JSON on stdout, at the end",
        )
        add("--scheduled", action="store_true", help="mark the run as scheduled")

    def handle(self, *args: Any, **given: Any) -> None:
        self.as_json, self.spoke_at = given["json"], 0.0
        try:
            options = read_options(given)
        except BadOptions as error:
            raise CommandError(str(error), returncode=2) from error
        try:
            with (
                handle_stop_signals(),
                refresh_lock(settings.LOCK_WAIT_SECONDS if given["wait"] else 0.0),
            ):
                run = queue_run(options, getpass.getuser(), is_scheduled=given["scheduled"])
                note(run, options)
                self.work(run, options)
        except Locked as error:
            raise CommandError(
                "Another refresh is running. Use --wait to wait for it.", returncode=LOCKED_STATUS
            ) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(f"Can't use the database: {printable(str(error))}") from error
        except (KeyboardInterrupt, Terminated) as error:
            sentence = "Stopped. Committed pages are kept. The next run continues from there."
            status = TERMINATED_STATUS if isinstance(error, Terminated) else INTERRUPTED_STATUS
            raise CommandError(sentence, returncode=status) from error

    def work(self, run: RefreshRun, options: Options) -> None:
        try:
            run = run_refresh(run, options, Reporter(say=self.say, on_page=self.progress))
        except Stopped as error:
            self.sum_up(run)
            raise CommandError(printable(str(error), 1_000), returncode=error.status) from error
        self.sum_up(run)
        # An outage is noted, and over in time; answers that cannot be used want a person.
        if run.enrichment and run.enrichment["is_stuck"] and not run.enrichment["ended_early"]:
            raise CommandError(
                (
                    "The records are up to date, but no response from WoRMS could be "
                    "used. The first: "
                )
                + printable(run.enrichment["first_unusable"], 500),
                returncode=1,
            )

    def say(self, sentence: str) -> None:
        """Print a message; with --json to stderr, so that stdout is one line of JSON."""
        stream = self.stderr if self.as_json else self.stdout
        stream.write(printable(sentence, 1_000), ending="\n")
        stream.flush()

    def progress(self, dataset: Dataset, visit: DatasetVisit, run: RefreshRun, plan: Plan) -> None:
        """Print dataset, records, rate and time left every few seconds; on a terminal in one line."""
        now = time.monotonic()
        if now - self.spoke_at < (0.5 if sys.stdout.isatty() else SECONDS_BETWEEN_LINES):
            return
        self.spoke_at = now
        run.refresh_from_db(fields=["fetched", "pages", "seen_at", "datasets_done"])
        rate = run.rate or 0.0
        left = max(0, plan.records - run.fetched) / rate if rate else 0.0
        self.say(
            f"  {run.datasets_done + 1}/{len(plan.datasets)} {dataset.title[:50]}: page {run.pages},"
            f" {visit.fetched:,} records; in all {run.fetched:,}, {rate:,.0f}/s, about {left / 60:,.0f} min left"
        )

    def sum_up(self, run: RefreshRun) -> None:
        try:
            run.refresh_from_db()
        except (OperationalError, InterfaceError, RefreshRun.DoesNotExist):
            return  # the error that follows has the reason
        if self.as_json:
            self.stdout.write(json.dumps(summary(run)))
            return
        totals = run.totals
        self.stdout.write(
            f"{run.get_state_display()}: {in_words(totals)}."
            + (
                f" Of which by an earlier run: {in_words(run.earlier_counts)}."
                if run.earlier
                else ""
            )
            + f" {run.datasets_done:,} of {run.datasets_planned:,} datasets, {run.pages:,} pages,"
            f" {run.bytes / 1e6:,.1f} MB, {run.seconds or 0:,.0f} s, {run.rate or 0:,.0f} records/s."
        )
        for reason, n in sorted(totals["reasons"].items(), key=lambda item: -item[1]):
            self.stdout.write(f"  {n:>10,}  {reason}")


def note(run: RefreshRun, options: Options) -> None:
    """Write an audit log entry with the operator; the schedule has none."""
    if options.accept:
        record(Action.WITHDRAWALS_ACCEPTED, target=f"dataset:{options.accept}", run=run.pk)
    elif not run.is_scheduled:
        record(Action.REFRESH_QUEUED, target=f"run:{run.pk}", options=run.options)


def read_options(given: dict[str, Any]) -> Options:
    """Return the validated options of the command line. Raises BadOptions."""
    plain = {
        name: given[name]
        for name in ("mode", "by", "start_date", "end_date", "pages", "page_size", "geometry")
    }
    flags = {name: given[name] for name in ("dry_run", "resume", "yes", "enrich")}
    return Options.from_dict(
        plain
        | flags
        | {
            "taxon_ids": given["taxonid"],
            "dataset_ids": given["datasetid"],
            "accept": given["accept_withdrawals"],
        }
    )


def in_words(counts: Mapping[str, int]) -> str:
    """Return the counts in one line."""
    parts = " + ".join(f"{name} {counts[name]:,}" for name in RefreshRun.OUTCOMES)
    return f"fetched {counts['fetched']:,} = {parts}; withdrawn {counts['withdrawn']:,}"


def summary(run: RefreshRun) -> dict[str, Any]:
    return run.totals | {
        "of_which_by_an_earlier_run": run.earlier_counts,
        "run": run.pk,
        "mode": run.mode,
        "state": run.state,
        "error": run.error,
        "dry_run": run.is_dry_run,
        "pages": run.pages,
        "bytes": run.bytes,
        "seconds": run.seconds,
        "datasets": run.datasets_done,
        "notes": run.notes,
        "enrichment": run.enrichment,
    }
