"""Accounts, identified by e-mail address, with a unique public username and a role."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from users.names import LONGEST_DISPLAY_NAME, LONGEST_USERNAME, check_display_name, check_username
from users.normalization import normalize_name, normalize_password, spellings

# With another value in one of these fields, whatever log-ins there were have ended.
LOG_INS_REST_ON = frozenset({"password", "role", "is_active", "is_staff", "is_superuser"})
HELD = "name-held.invalid"  # no mail ever goes there, RFC 2606


class Role(models.TextChoices):
    """The role of a user, independent of Django's staff and superuser."""

    OBSERVER = "observer", _("Observer")
    RESEARCHER = "researcher", _("Researcher")
    MODERATOR = "moderator", _("Moderator")


class Units(models.TextChoices):
    """The units of depths and distances on pages."""

    METRIC = "metric", _("Metres and kilometres")
    IMPERIAL = "imperial", _("Feet and miles")


class UserManager(BaseUserManager["User"]):
    """Creates and finds accounts. Addresses are stored in lower case and compared in any case."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def with_email(self, email: str | None) -> models.QuerySet["User"]:
        """Return the account with this address in any case, by the index that keeps it unique."""
        return self.alias(folded=Lower("email")).filter(folded=Lower(models.Value(email)))

    def with_username(self, username: str) -> models.QuerySet["User"]:
        return self.alias(folded=Lower("username")).filter(folded=Lower(models.Value(username)))

    def with_public_profile(self, username: str) -> models.QuerySet["User"]:
        """Return the active account with this username if its owner has made the profile public."""
        return self.with_username(username).filter(is_public=True, is_active=True)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.with_email(username).get()

    def create_user(
        self, email: str, username: str, password: str | None = None, **fields
    ) -> "User":
        """Return a saved account, without a password one that cannot log in.

        Raises ValueError without an address.
        """
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(
            email=self.normalize_email(email), username=normalize_name(username), **fields
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, username: str, password: str | None = None, **fields
    ) -> "User":
        """Return a superuser with a verified address. Raises ValidationError for a taken username."""
        if self.with_username(normalize_name(username)).exists():
            raise ValidationError("Another account has this username.")
        user = self.create_user(
            email, username, password, is_staff=True, is_superuser=True, **fields
        )
        user.mark_email_verified()
        return user

    def hold_name(self, username: str) -> "User":
        """Reserve a username as if for an unverified account, with the same expiry.

        For a sign-up with the address of an existing account: a name that stayed free would reveal
        it.
        """
        return self.create_user(f"{uuid4().hex}@{HELD}", username, is_active=False)


class User(AbstractBaseUser, PermissionsMixin):
    """An account."""

    email = models.EmailField(_("email address"), unique=True)
    username = models.CharField(
        max_length=LONGEST_USERNAME, validators=[check_username], help_text="Shown in public."
    )
    role = models.CharField(max_length=20, choices=Role, default=Role.OBSERVER)
    is_staff = models.BooleanField("may enter the admin", default=False)
    is_active = models.BooleanField("active", default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    display_name = models.CharField(
        _("display name"),
        max_length=LONGEST_DISPLAY_NAME,
        blank=True,
        default="",
        validators=[check_display_name],
    )
    language = models.CharField(
        max_length=10, blank=True, default="", help_text="Of the pages; empty: the browser's."
    )
    units = models.CharField(max_length=10, choices=Units, default=Units.METRIC)
    vernacular_language = models.CharField(
        _("language of common names"),
        max_length=3,
        blank=True,
        default="",
        validators=[
            RegexValidator(r"\A[a-z]{3}\Z", "Give three small letters, as ISO 639-3 has them.")
        ],
        help_text="ISO 639-3, such as eng; empty: the portal's.",
    )
    is_public = models.BooleanField(
        _("public profile"),
        default=False,
        help_text=_("Anyone can see your name, role and year of joining."),
    )

    objects = UserManager()
    emailaddress_set: Any  # django-allauth's relation, which has no types
    revoked_tokens: list = []  # by a new password, for the mail about it

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["username"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique", violation_error_message="Taken."
            ),
            models.UniqueConstraint(
                Lower("username"), name="user_username_unique", violation_error_message="Taken."
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(units__in=Units.values), name="user_units_known"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return the keyed hash of LOG_INS_REST_ON, on which sessions and tokens depend."""
        text = "\n".join(str(getattr(self, name)) for name in sorted(LOG_INS_REST_ON))
        return salted_hmac(
            "users.models.user.log_in", text, secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def shown_name(self) -> str:
        """Return the name that pages show."""
        return self.display_name or self.username

    def clean(self) -> None:
        super().clean()
        self.email = type(self).objects.normalize_email(self.email)

    @property
    def has_verified_email(self) -> bool:
        """Return whether the owner has confirmed the address; django-allauth keeps the proof."""
        return self.emailaddress_set.filter(email=self.email, verified=True).exists()

    def mark_email_verified(self) -> None:
        """Record the account's address as confirmed, in place of any other address."""
        self.emailaddress_set.exclude(email=self.email).delete()
        proof = {"verified": True, "primary": True}
        self.emailaddress_set.update_or_create(email=self.email, defaults=proof)

    def forget_verified_email(self) -> None:
        """Require the owner to confirm the address again, such as after staff changed it."""
        self.emailaddress_set.all().delete()

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and normalize_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether the password is right, also by a hash from before normalization."""
        if raw_password is None:
            return False
        return any(
            super(User, self).check_password(spelling) for spelling in spellings(raw_password)
        )

    def upgrade_password(self, raw_password: str) -> None:
        """Replace a hash from before normalization, which ends other log-ins."""
        if len(spellings(raw_password)) > 1 and not super().check_password(
            normalize_password(raw_password)
        ):
            self.set_password(raw_password)
            self.save(update_fields=["password"])


def shown_name(user: User) -> str:
    """Return the name that pages show (ACCOUNT_USER_DISPLAY)."""
    return user.shown_name
