"""The audit log. The database refuses changes; a purge removes old entries."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Selections of entries."""

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def older_than(self, days: int) -> Self:
        return self.filter(at__lt=timezone.now() - timedelta(days=days))

    def purge(self) -> int:
        """Delete the entries, which the table's trigger permits only here; return their number."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL portal.audit_purge = 'on'")
            gone = self._raw_delete(self.db)
            cursor.execute("SET LOCAL portal.audit_purge = 'off'")
        return gone


class AuditEntry(models.Model):
    """An action in the log, written by `users.audit.record` and never changed."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=40, db_index=True)
    # No constraint: the entry outlives the account, and then says only its number, which anonymises
    # it.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    actor_label = models.CharField(
        max_length=100, default="", help_text="Who, where it was no account."
    )
    target = models.CharField(
        max_length=200, default="", db_index=True, help_text="Such as user:12 or dataset:UUID."
    )
    address = models.GenericIPAddressField(
        null=True, help_text="The client's; none on the command line."
    )
    details = models.JSONField(default=dict)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit log"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.target}".rstrip()
