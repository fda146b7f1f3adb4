"""Mail that could not be sent: template, recipient and facts, but never the text."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)


class UnsentMailQuerySet(models.QuerySet["UnsentMail"]):
    def waiting(self) -> Self:
        return self.filter(ended_at=None)

    def due(self, now: datetime) -> Self:
        return self.waiting().filter(due_at__lte=now).order_by("due_at", "pk")

    def ended_before(self, day: datetime) -> Self:
        return self.filter(ended_at__lt=day)


class UnsentMail(models.Model):
    """An email that could not be sent and is waiting to be retried, or was given up.

    Its text is rendered when it is sent, so neither this table nor a backup of it contains links.
    """

    template = models.CharField(max_length=100)
    email = models.EmailField("to")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="unsent_mails"
    )
    facts = models.JSONField(default=dict)
    language = models.CharField(max_length=10)
    origin = models.CharField(max_length=300, help_text="Where links lead: scheme and host.")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField("next attempt")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField("given up", null=True)
    attempts = models.PositiveSmallIntegerField(default=1)
    last_error = models.CharField(max_length=200)

    objects = UnsentMailQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(ended_at=None), name="unsent_mail_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} to {self.email}"

    @property
    def purpose(self) -> str:
        """Return the subject matter, such as "password reset key"."""
        return self.template.rpartition("/")[2].replace("_", " ")

    def note_failure(self, now: datetime, error: str) -> None:
        """Schedule the next attempt after a longer pause, or give up if that would be too late."""
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self.attempts, 10))
        self.attempts, self.due_at, self.last_error = self.attempts + 1, now + pause, error
        if self.due_at >= self.expires_at:
            self.ended_at = now
        self.save(update_fields=["attempts", "due_at", "last_error", "ended_at"])
