"""What the accounts' API reads and says. Fields that are not named here cannot be set, whatever a
body holds.
"""
# ruff: noqa: N815  # the API's names are camelCase, as elsewhere in it

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from rest_framework import serializers

from users.api.fields import EmailField, PatternField, TextField
from users.forms import name_of_nobody_else
from users.models import PersonalAccessToken, TokenScope, User
from users.models.tokens import MOST_DAYS, USUAL_DAYS
from users.names import check_display_name

LONGEST_PASSWORD = 1_000  # hashing is slow on purpose, and slower the longer


class Password(TextField):
    """A password as it was typed, blanks included; never answered."""

    def __init__(self, **options: Any) -> None:
        style = {"input_type": "password"}
        super().__init__(
            max_length=LONGEST_PASSWORD,
            trim_whitespace=False,
            write_only=True,
            style=style,
            **options,
        )


class EmailSerializer(serializers.Serializer):
    email = EmailField(max_length=254)


class RegisterSerializer(EmailSerializer):
    username = TextField(max_length=50, help_text="Shown in public.")
    password = Password()


class LoginSerializer(EmailSerializer):
    password = Password()
    code = TextField(
        max_length=50,
        required=False,
        help_text="From the authenticator app, or a recovery code, if two-factor login is on.",
    )


class PasswordChangeSerializer(serializers.Serializer):
    currentPassword = Password()
    newPassword = Password()
    revokeTokens = serializers.BooleanField(
        default=False, help_text="Whether to revoke the account's personal access tokens too."
    )


class KeySerializer(serializers.Serializer):
    key = TextField(max_length=500, help_text="The last part of the link in the email.")


class PasswordResetConfirmSerializer(KeySerializer):
    newPassword = Password()


class ProfileSerializer(serializers.ModelSerializer):
    """The person who asks: what they say of themselves, and what they may do."""

    displayName = TextField(source="display_name", max_length=100, required=False, allow_blank=True)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False, allow_blank=True)
    vernacularLanguage = PatternField(
        r"\A[a-z]{3}\Z",
        source="vernacular_language",
        required=False,
        allow_blank=True,
        help_text="ISO 639-3.",
    )
    isPublic = serializers.BooleanField(
        source="is_public", required=False, help_text="Whether anyone can see name and role."
    )
    isStaff = serializers.BooleanField(
        source="is_staff", read_only=True, help_text="Can use the admin."
    )
    isSuperuser = serializers.BooleanField(source="is_superuser", read_only=True)
    dateJoined = serializers.DateTimeField(source="date_joined", read_only=True)
    permissions = serializers.SerializerMethodField(
        help_text="Django permission names. All of them for a superuser."
    )
    twoFactor = serializers.SerializerMethodField(help_text="Whether logging in needs a code.")

    class Meta:
        model = User
        fields = (
            *(
                "username",
                "email",
                "role",
                "displayName",
                "language",
                "units",
                "vernacularLanguage",
                "isPublic",
            ),
            *("isStaff", "isSuperuser", "dateJoined", "permissions", "twoFactor"),
        )
        read_only_fields = ("username", "email", "role")

    def validate_displayName(self, name: str) -> str:  # noqa: N802
        if not self.instance or name == self.instance.display_name:
            return name
        if name:
            check_display_name(name)
        return name_of_nobody_else(self.instance, name)

    def get_permissions(self, user: User) -> list[str]:
        return sorted(user.get_all_permissions())

    def get_twoFactor(self, user: User) -> bool:  # noqa: N802
        return is_mfa_enabled(user)


class LoggedInSerializer(serializers.Serializer):
    """Who is logged in now, and until when; the tokens themselves are in the cookies."""

    user = ProfileSerializer()
    accessExpires = serializers.DateTimeField(help_text="Refresh before this time.")
    refreshExpires = serializers.DateTimeField(help_text="Log in again after this time.")


class CsrfSerializer(serializers.Serializer):
    csrfToken = serializers.CharField(help_text="Send it as X-CSRFToken.")


class MessageSerializer(serializers.Serializer):
    detail = serializers.CharField()


class AccessTokenSerializer(serializers.ModelSerializer):
    """A personal access token, without its secret, which nobody has but whoever made it."""

    id = serializers.UUIDField(source="key", read_only=True)
    name = TextField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(TokenScope.choices), min_length=1, max_length=20
    )
    created = serializers.DateTimeField(source="created_at", read_only=True)
    expires = serializers.DateTimeField(source="expires_at", read_only=True)
    lastUsed = serializers.DateTimeField(source="last_used_at", read_only=True, allow_null=True)
    days = serializers.IntegerField(
        min_value=1,
        max_value=MOST_DAYS,
        default=USUAL_DAYS,
        write_only=True,
        help_text="Lifetime in days.",
    )

    class Meta:
        model = PersonalAccessToken
        fields: tuple[str, ...] = ("id", "name", "scopes", "created", "expires", "lastUsed", "days")


class NewAccessTokenSerializer(AccessTokenSerializer):
    """The same with the secret: shown this once."""

    token = serializers.CharField(read_only=True)

    class Meta(AccessTokenSerializer.Meta):
        fields: tuple[str, ...] = (*AccessTokenSerializer.Meta.fields, "token")


class AccessTokensSerializer(serializers.Serializer):
    results = AccessTokenSerializer(many=True)
