"""Runs of the refresh and their counts."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from species.models.dataset import Dataset


class RefreshScope(models.Model):
    """The filters of OBIS with which datasets are crawled; without any, whole datasets."""

    parameters = models.JSONField(unique=True, help_text='OBIS parameters, e.g. {"taxonid": "2"}.')

    is_standing = models.BooleanField(
        default=False, help_text="It is, or once was, the portal's own scope."
    )

    def __str__(self) -> str:
        return ", ".join(f"{k}={v}" for k, v in self.parameters.items()) or "whole datasets"

    @property
    def is_whole(self) -> bool:
        return not self.parameters


class RecordCounts(models.Model):
    """Counts of records by outcome; `fetched` is always the sum of OUTCOMES."""

    fetched = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    returned = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    withdrawn = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=dict, help_text="Rejected and withdrawn records by reason.")
    earlier = models.JSONField(
        default=dict,
        editable=False,
        help_text="Counts of the earlier runs that this one goes on from; not in its own.",
    )

    OUTCOMES = ("added", "changed", "unchanged", "returned", "rejected", "repeated")
    COUNTED = ("fetched", *OUTCOMES, "withdrawn")

    class Meta:
        abstract = True

    @property
    def balanced(self) -> bool:
        """Return whether each fetched record has one outcome."""
        return self.fetched == sum(getattr(self, outcome) for outcome in self.OUTCOMES)

    @property
    def counts(self) -> dict[str, Any]:
        """Return the counts other than 0, and the reasons."""
        return add_up(
            [{name: getattr(self, name) for name in self.COUNTED} | {"reasons": self.reasons}]
        )

    @property
    def totals(self) -> dict[str, Any]:
        """Return all counts and the reasons, including the earlier runs that this continues."""
        return (
            dict.fromkeys(self.COUNTED, 0) | {"reasons": {}} | add_up([self.counts, self.earlier])
        )

    @property
    def earlier_counts(self) -> dict[str, int]:
        """Return all counts of the earlier runs; empty if this continues no other run."""
        return {name: self.earlier.get(name, 0) for name in self.COUNTED} if self.earlier else {}


def add_up(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the sum of several `RecordCounts.counts`."""
    counts, reasons = Counter[str](), Counter[str]()
    for part in parts:
        counts.update({name: n for name, n in part.items() if name != "reasons"})
        reasons.update(part.get("reasons", {}))
    return dict(+counts) | ({"reasons": dict(+reasons)} if +reasons else {})


class RunState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class RefreshMode(models.TextChoices):
    INCREMENTAL = "incremental", _("Incremental")
    FULL = "full", _("Full")
    ACCEPT = "accept", _("Accept withdrawals")


class RefreshRunQuerySet(models.QuerySet["RefreshRun"]):
    """Querysets of runs."""

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def etag_seed(self) -> tuple[str, datetime | None]:
        """Return a text that changes with each sign of life of any run, and its time.

        One query.
        """
        # All runs, since the newest may wait behind the running one.
        names = ("pk", "queued_at", "started_at", "seen_at", "finished_at")
        newest, *moments = self.aggregate(*map(models.Max, names)).values()
        return (f"{newest} {moments}", max(filter(None, moments))) if newest else ("", None)

    def begun(self) -> Self:
        """Return the runs that have started and write: neither queued nor dry."""
        return self.filter(is_dry_run=False).exclude(state=RunState.QUEUED)

    def queued(self) -> Self:
        return self.filter(state=RunState.QUEUED).order_by("pk")


class RefreshRun(RecordCounts):
    """A run of `refresh_obis_data`, from the queue to its summary."""

    mode = models.CharField(max_length=16, choices=RefreshMode)
    options = models.JSONField(
        default=dict, help_text="The command's options that differ from the defaults."
    )
    window_start = models.DateField(null=True, blank=True)
    window_end = models.DateField(null=True, blank=True)
    scope = models.ForeignKey(
        RefreshScope, models.PROTECT, null=True, blank=True, related_name="runs"
    )
    state = models.CharField(max_length=16, choices=RunState, default=RunState.QUEUED)
    is_scheduled = models.BooleanField(default=False)
    is_dry_run = models.BooleanField(default=False)
    requested_by = models.CharField(
        max_length=200, blank=True, default="", help_text="An account or a user of the server."
    )
    cursor = models.JSONField(
        null=True, blank=True, help_text="Dataset and OBIS id of the last committed page."
    )
    pages = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    datasets_planned = models.PositiveIntegerField(default=0)
    datasets_done = models.PositiveIntegerField(default=0)
    records_planned = models.BigIntegerField(default=0)
    chain_began_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the first run began that this one goes on from; its own start otherwise.",
    )
    is_complete = models.BooleanField(
        default=False, help_text="It went through all that it had planned."
    )
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="Its last sign of life.")
    finished_at = models.DateTimeField(null=True, blank=True)
    notes = models.JSONField(default=list, help_text="What an operator should know, in sentences.")
    error = models.TextField(blank=True, default="")
    enrichment = models.JSONField(
        null=True, blank=True, help_text="What the pass over WoRMS did and left."
    )

    objects = RefreshRunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("state", "id", name="run_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=RefreshMode.values), name="run_mode_known"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(
                condition=~Q(state=RunState.FAILED) | ~Q(error=""), name="run_failed_with_error"
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}, {self.mode}, {self.state}"

    @property
    def seconds(self) -> float | None:
        """Return the duration so far; None before it started."""
        end = self.finished_at or self.seen_at
        return (end - self.started_at).total_seconds() if self.started_at and end else None

    @property
    def rate(self) -> float | None:
        """Return the records fetched per second."""
        return self.fetched / self.seconds if self.seconds else None


class DatasetVisit(RecordCounts):
    """The counts of one run for one dataset."""

    run = models.ForeignKey(RefreshRun, models.CASCADE, related_name="visits")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="visits")
    announced = models.BigIntegerField(null=True, blank=True, help_text="What OBIS said it has.")
    outcome = models.CharField(
        max_length=16,
        blank=True,
        default="",
        help_text="complete, bounded, held back, short, failed ...",
    )
    error = models.TextField(
        blank=True, default="", help_text="Why it failed, where the run went on with others."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "dataset"], name="visit_once_per_run")
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} in run {self.run_id}"
