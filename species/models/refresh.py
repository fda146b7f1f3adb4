"""What the refresh remembers: its runs and their books, walks under way, staged records, and what
was refused.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from species.models.dataset import Dataset
from species.models.observation import ObservationFields
from species.models.taxon import Taxon


class RefreshScope(models.Model):
    """A set of upstream filters under which datasets are walked; the one without filters is whole
    datasets.
    """

    parameters = models.JSONField(unique=True, help_text='OBIS parameters, e.g. {"taxonid": "2"}.')

    is_standing = models.BooleanField(
        default=False, help_text="It is, or once was, the portal's own scope."
    )

    def __str__(self) -> str:
        return ", ".join(f"{k}={v}" for k, v in self.parameters.items()) or "whole datasets"

    @property
    def is_whole(self) -> bool:
        return not self.parameters


class Books(models.Model):
    """Counts of records by outcome; fetched = the sum of the six that follow it, always."""

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
        return self.fetched == sum(getattr(self, outcome) for outcome in self.OUTCOMES)

    @property
    def counts(self) -> dict[str, Any]:
        """Return its own counts, zeros left out, and its reasons."""
        return add_up(
            [{name: getattr(self, name) for name in self.COUNTED} | {"reasons": self.reasons}]
        )

    @property
    def totals(self) -> dict[str, Any]:
        """Return its counts, zeros included, and its reasons, with those of the earlier runs that
        it goes on from.
        """
        return (
            dict.fromkeys(self.COUNTED, 0) | {"reasons": {}} | add_up([self.counts, self.earlier])
        )

    @property
    def earlier_counts(self) -> dict[str, int]:
        """Return the part of the totals that earlier runs did, zeros included; empty for a run of
        its own.
        """
        return {name: self.earlier.get(name, 0) for name in self.COUNTED} if self.earlier else {}


def add_up(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the sum of several counts in the form of `Books.counts`."""
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
    """The questions that are asked of runs."""

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def etag_seed(self) -> tuple[str, datetime | None]:
        """A text that is another one after each sign of life of any run, and when that was; one
        query.
        """
        # The newest alone would not do: it may be waiting behind the one that runs.
        names = ("pk", "queued_at", "started_at", "seen_at", "finished_at")
        newest, *moments = self.aggregate(*map(models.Max, names)).values()
        return (f"{newest} {moments}", max(filter(None, moments))) if newest else ("", None)

    def queued(self) -> Self:
        return self.filter(state=RunState.QUEUED).order_by("pk")


class RefreshRun(Books):
    """One run of `refresh_obis_data`, from its queueing to its summary."""

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
        """How long it took, or has taken so far; None before it started."""
        end = self.finished_at or self.seen_at
        return (end - self.started_at).total_seconds() if self.started_at and end else None

    @property
    def rate(self) -> float | None:
        """Records fetched per second."""
        return self.fetched / self.seconds if self.seconds else None


class DatasetVisit(Books):
    """The books of one run for one dataset."""

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


class DatasetWalk(models.Model):
    """A walk through one dataset that has not been published to its end: its cursor is valid for
    one `updated`.
    """

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="walks")
    scope = models.ForeignKey(RefreshScope, models.CASCADE, related_name="+")
    updated = models.CharField(
        max_length=40, blank=True, help_text="OBIS's `updated` when the walk began."
    )
    is_staged = models.BooleanField(
        help_text="Held datasets are staged; a first load shows as it goes."
    )
    rule_set_version = models.PositiveIntegerField()
    after = models.CharField(
        max_length=64, blank=True, default="", help_text="The last OBIS id of a committed page."
    )
    announced = models.BigIntegerField(null=True)
    is_complete = models.BooleanField(default=False, help_text="An empty page ended it.")
    began_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "scope"], name="walk_once")]

    def __str__(self) -> str:
        return f"Walk through {self.dataset_id} from {self.began_at:%Y-%m-%d %H:%M}"


class WalkedRecord(models.Model):
    """One record that a walk has met: what it is called upstream, whom it is here, and how it
    ended.
    """

    # Unchecked by the database: notes of a walk in progress, written for each record that is read.
    walk = models.ForeignKey(
        DatasetWalk, models.CASCADE, related_name="records", db_index=False, db_constraint=False
    )
    obis_id = models.UUIDField()
    key = models.UUIDField()
    base = models.UUIDField(
        null=True, help_text="For records that share an identity: the hash that they share."
    )
    reason = models.CharField(
        max_length=60, blank=True, default="", help_text="Why it was rejected; empty if it was not."
    )

    class Meta:
        indexes = [
            models.Index("walk", "key", name="walked_by_key"),
            models.Index("walk", "base", condition=Q(base__isnull=False), name="walked_by_base"),
        ]
        constraints = [models.UniqueConstraint(fields=["walk", "obis_id"], name="walked_once")]

    def __str__(self) -> str:
        return str(self.obis_id)


class StagedObservation(ObservationFields):
    """A record that waits for the end of its walk, in the shape that it will have in
    `CuratedObservation`.
    """

    walk = models.ForeignKey(DatasetWalk, models.CASCADE, related_name="staged", db_index=False)
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_index=False)
    taxon = models.ForeignKey(Taxon, models.PROTECT, related_name="+", db_index=False)
    payload = models.BinaryField(null=True)
    only_rules_differ = models.BooleanField(
        default=False,
        help_text="The held row was made of the same content, by an earlier version of our rules.",
    )

    class Meta:
        # a taxon that WoRMS moves takes them along
        indexes = [models.Index("taxon", name="staged_taxon")]
        constraints = [models.UniqueConstraint(fields=["walk", "key"], name="staged_once")]

    def __str__(self) -> str:
        return str(self.key)


class RejectedRecordQuerySet(models.QuerySet["RejectedRecord"]):
    """The questions that are asked of rejected records."""

    def count_by_reason(self, reasons: list[str], limit: int) -> dict[str, int]:
        """Reason: number of records, counted up to the limit; one query, whatever the size of the
        table.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT asked.reason, (SELECT count(*) FROM (
                    SELECT FROM species_rejectedrecord r WHERE r.reason = asked.reason LIMIT %s) AS found)
                FROM unnest(%s::text[]) AS asked (reason)
                """,
                [limit, reasons],
            )
            return dict(cursor.fetchall())


class RejectedRecord(models.Model):
    """A record that curation refused, kept as received: one row by dataset, content and reason,
    however often met.
    """

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="rejected_records")
    key = models.UUIDField()
    obis_id = models.UUIDField(null=True, blank=True)
    occurrence_id = models.TextField("occurrenceID", null=True, blank=True)  # noqa: DJ001
    reason = models.CharField(max_length=60, db_index=True)
    record_hash = models.UUIDField()
    payload = models.BinaryField()
    first_run = models.ForeignKey(
        RefreshRun, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    last_run = models.ForeignKey(RefreshRun, models.SET_NULL, null=True, related_name="+")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    objects = RejectedRecordQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("key", name="rejected_key")]  # a purge finds them by it
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "record_hash", "reason"], name="rejected_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rejected_with_reason"),
            models.CheckConstraint(
                condition=Q(first_seen__lte=F("last_seen")), name="rejected_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obis_id}: {self.reason}"
