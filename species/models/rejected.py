"""Records that curation rejected."""

from django.db import connection, models
from django.db.models import F, Q

from species.models.dataset import Dataset
from species.models.refresh_run import RefreshRun


class RejectedRecordQuerySet(models.QuerySet["RejectedRecord"]):
    """Querysets of rejected records."""

    def count_by_reason(self, reasons: list[str], limit: int) -> dict[str, int]:
        """Return the number of records by reason, each up to the limit; one query."""
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
    """A record that curation rejected, as received; one row by dataset, content and reason."""

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
