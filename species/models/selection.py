"""Saved selections: short addresses of questions, and the areas that are too long for an address."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote_plus

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from species.areas import Area

if TYPE_CHECKING:
    from users.models import User

KEPT_DAYS = 90  # of a selection that nobody owns, from when it was last saved
TOLD_DAYS = 30  # so long after that its address still says that it has expired
SHOWN = ("map=", "compare=")  # beside the question, in the query of a selection that has an owner
HASH_CONSTRAINT = r"^[0-9a-f]{20}$"


class SavedArea(models.Model):
    """An area with too many points for an address, by its hash; kept while a search uses it."""

    hash = models.CharField(max_length=20, primary_key=True)
    wkt = models.TextField(help_text="Canonical, see species.areas.")
    wanted_at = models.DateTimeField(default=timezone.now, help_text="When it was last saved.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hash__regex=HASH_CONSTRAINT), name="area_hash_is_one"
            )
        ]

    def __str__(self) -> str:
        return self.hash

    @property
    def area(self) -> Area:
        return Area(self.wkt)


class SavedSelectionQuerySet(models.QuerySet["SavedSelection"]):
    """Querysets of saved searches, which only their owners can list."""

    def with_hash(self, digest: str) -> Self:
        return self.filter(hash=digest)

    def live(self) -> Self:
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Return the user's own searches, newest first; an anonymous visitor has no searches."""
        return self.filter(owner=user).newest_first() if user.is_authenticated else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def purge(self, now: datetime) -> int:
        """Delete long expired searches and unused areas; return the number of searches."""
        number, _ = self.filter(expires_at__lt=now - timedelta(days=TOLD_DAYS)).delete()
        # Not those of today, which somebody may be saving a selection of at this moment.
        SavedArea.objects.filter(
            selections__isnull=True, wanted_at__lt=now - timedelta(days=1)
        ).delete()
        return number


class SavedSelection(models.Model):
    """A filter under a short address. Equal filters have one hash, saved once per owner."""

    hash = models.CharField(max_length=20, db_index=True, help_text="ObservationFilter.digest().")
    query = models.TextField(blank=True, help_text="Canonical query string.")
    area = models.ForeignKey(
        SavedArea, models.PROTECT, null=True, blank=True, related_name="selections"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="saved_selections",
    )
    name = models.CharField(
        max_length=100, blank=True, default="", help_text="For its owner's eyes only."
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Never, while somebody owns it."
    )

    objects = SavedSelectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "hash"], name="selection_once_per_owner"),
            models.UniqueConstraint(
                fields=["hash"], condition=Q(owner=None), name="selection_once_of_nobody"
            ),
            models.CheckConstraint(
                condition=Q(hash__regex=HASH_CONSTRAINT), name="selection_hash_is_one"
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False, expires_at__isnull=True)
                | Q(owner__isnull=True, expires_at__isnull=False),
                name="selection_expires_without_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.hash

    @property
    def question(self) -> str:
        """Return the canonical query string, without the view and comparison of the map."""
        return "&".join(part for part in self.query.split("&") if not part.startswith(SHOWN))

    @property
    def query_read(self) -> str:
        """Return the query string without percent-encoding."""
        return unquote_plus(self.question)
