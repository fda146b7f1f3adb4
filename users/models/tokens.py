"""Log-ins through the API, and personal access tokens."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.settings import api_settings

from users.models.user import User


class TokenFamilyQuerySet(models.QuerySet["TokenFamily"]):
    """Selections of log-ins."""

    def expired(self) -> Self:
        return self.filter(rotated_at__lte=timezone.now() - api_settings.REFRESH_TOKEN_LIFETIME)


class TokenFamily(models.Model):
    """A log-in through the API. All its tokens contain its key and end with this row.

    Each refresh creates the next generation of the refresh token; only its number is stored.
    """

    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="token_families"
    )
    fingerprint = models.CharField(
        max_length=64, help_text="Of password, role and rights at log-in, keyed."
    )
    generation = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(default=timezone.now)
    rotated_at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True, default="")

    objects = TokenFamilyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return f"{self.user} since {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def stands(self) -> bool:
        """Return False after expiry, a change of password, role or rights, or deactivation."""
        return (
            self.rotated_at > timezone.now() - api_settings.REFRESH_TOKEN_LIFETIME
            and self.user.is_active
            and constant_time_compare(self.fingerprint, self.user.get_session_auth_hash())
        )

    def rotate(self) -> None:
        """Start the next generation; the caller has locked the row."""
        self.generation += 1
        self.rotated_at = timezone.now()
        self.save(update_fields=["generation", "rotated_at"])


class TokenScope(models.TextChoices):
    """The scopes of personal access tokens. None covers passwords, tokens or log-ins."""

    PROFILE_READ = "profile:read", _("Read your profile")
    PROFILE_WRITE = "profile:write", _("Change your profile")


PREFIX = "mst_"  # recognizable to people and to scanners for leaked secrets
MOST_TOKENS = 50  # of one person
MOST_DAYS, USUAL_DAYS = 366, 90
USE_IS_NOTED_EVERY = timedelta(minutes=1)


class TooManyTokens(Exception):
    """The user has MOST_TOKENS already."""


class PersonalAccessTokenQuerySet(models.QuerySet["PersonalAccessToken"]):
    """Selections of tokens."""

    def live(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def of(self, user: User) -> Self:
        """Return the user's tokens, including expired ones, newest first."""
        return self.filter(user=user).newest_first()

    def of_secret(self, secret: str) -> "PersonalAccessToken | None":
        """Return the valid token with this secret, of an active user, and note its use."""
        token = (
            self.live()
            .select_related("user")
            .filter(digest=digest(secret), user__is_active=True)
            .first()
        )
        if token is not None:
            token.note_use()
        return token


class PersonalAccessToken(models.Model):
    """A token for scripts, with scopes and an expiry. Only a digest of its secret is stored."""

    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=30, choices=TokenScope))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects = PersonalAccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="token_has_a_scope"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def scope_names(self) -> list[str]:
        return [str(TokenScope(scope).label) for scope in self.scopes]

    @property
    def summary(self) -> dict[str, Any]:
        """Return name and scopes for a mail, without the secret."""
        return {"name": " ".join(self.name.split()), "scopes": list(self.scopes)}

    @classmethod
    def issue(
        cls, user: User, name: str, scopes: list[str], days: int = USUAL_DAYS
    ) -> tuple["PersonalAccessToken", str]:
        """Create a token; return it with its secret, which is not stored. Raises TooManyTokens."""
        secret = PREFIX + secrets.token_urlsafe(32)
        row = cls(user=user, name=name, scopes=sorted(set(scopes)), digest=digest(secret))
        row.expires_at = row.created_at + timedelta(days=min(days, MOST_DAYS))
        with transaction.atomic():
            # two at once count one another
            User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
            cls.objects.filter(user=user, expires_at__lte=row.created_at).delete()
            if cls.objects.filter(user=user).count() >= MOST_TOKENS:
                raise TooManyTokens
            row.save()
        return row, secret

    def note_use(self) -> None:
        """Store the time of use, at most once in USE_IS_NOTED_EVERY."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - USE_IS_NOTED_EVERY:
            self.last_used_at = now
            self.save(update_fields=["last_used_at"])


def digest(secret: str) -> str:
    """Return the SHA-256 digest, which suffices for 256 random bits."""
    return sha256(secret.encode()).hexdigest()
