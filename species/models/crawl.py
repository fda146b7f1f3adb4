"""Unfinished crawls of datasets, and the observations that they have staged."""

from django.db import models
from django.db.models import Q

from species.models.dataset import Dataset
from species.models.observation_fields import ObservationFields
from species.models.refresh_run import RefreshScope
from species.models.taxon import Taxon


class DatasetWalk(models.Model):
    """An unfinished crawl of a dataset. Its cursor is valid for one value of `updated`."""

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
    """A record that a crawl has met: its OBIS id, its key here, and the reason of a rejection."""

    # No constraint, since one row is written for each record of a crawl.
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
    """A row for `CuratedObservation` that waits for the end of its crawl."""

    walk = models.ForeignKey(DatasetWalk, models.CASCADE, related_name="staged", db_index=False)
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+", db_index=False)
    taxon = models.ForeignKey(Taxon, models.PROTECT, related_name="+", db_index=False)
    payload = models.BinaryField(null=True)
    only_rules_differ = models.BooleanField(
        default=False,
        help_text="The held row was made of the same content, by an earlier version of our rules.",
    )

    class Meta:
        # To find the rows of a taxon that WoRMS moves.
        indexes = [models.Index("taxon", name="staged_taxon")]
        constraints = [models.UniqueConstraint(fields=["walk", "key"], name="staged_once")]

    def __str__(self) -> str:
        return str(self.key)
