"""Observations as received, and their changes since."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from species.models.observation import CuratedObservation


class RecordAsReceived(models.Model):
    """A record exactly as OBIS sent it, compressed. Lists and tiles do not read it."""

    # No constraint: its check would lock, and so rewrite, the observation just written.
    observation = models.OneToOneField(
        CuratedObservation,
        models.CASCADE,
        primary_key=True,
        related_name="received",
        db_constraint=False,
    )
    payload = models.BinaryField()

    def __str__(self) -> str:
        return f"Record of observation {self.pk}"


class ChangeKind(models.TextChoices):
    CHANGED = "changed", _("Updated at the source")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RETURNED = "returned", _("Restored")
    TAXON = "taxon", _("Name updated in WoRMS")
    RULES = "rules", _("Our data checks changed")


class ObservationChange(models.Model):
    """A change of an observation: when, by which run, and the old values, for staff only."""

    observation = models.ForeignKey(CuratedObservation, models.CASCADE, related_name="changes")
    run = models.ForeignKey(
        "RefreshRun", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=ChangeKind)
    old_values = models.JSONField(
        default=dict, help_text="Column: value before; of changed columns only."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ChangeKind.values), name="change_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"

    @property
    def fields(self) -> list[str]:
        """Return the names of the changed columns."""
        return sorted(self.old_values)


class BlockedKey(models.Model):
    """The hash of the key of a purged observation, which no refresh may add again."""

    key_hash = models.BinaryField(primary_key=True)
    blocked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return bytes(self.key_hash).hex()
