"""Forms of the account pages, stricter than django-allauth's about enumeration."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm as BaseChangePasswordForm
from allauth.account.forms import LoginForm as BaseLoginForm
from allauth.account.forms import ResetPasswordForm as BaseResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm
from allauth.account.forms import SignupForm as BaseSignupForm
from allauth.core import context, ratelimit
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from users import standing
from users.audit import Action, record
from users.forms import NameChangeForm
from users.languages import LANGUAGES
from users.models import Decision, RoleRequest, TokenScope, User
from users.models.tokens import USUAL_DAYS
from users.orcid import tidy_orcid
from users.throttles import forgive


class LogInForm(BaseLoginForm):
    """Address and password. The session ends with the browser unless "remember" is ticked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Email address")
        self.fields["remember"].label = _("Stay logged in on this device")


class SignUpForm(BaseSignupForm):
    """A new account. An address that has one gets the same response, time and one mail."""

    field_order = ["email", "username", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Email address")
        self.fields["username"].help_text = _("Public. Letters, digits and @ . + - _ only.")

    def validate_unique_email(self, value: str) -> str:
        """Return the address; addresses that others only want to change to do not count."""
        self.account_already_exists = User.objects.with_email(value).exists()
        return value

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Save the account.

        Raises IntegrityError if address or name have just been taken; validating again reports it.
        """
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # takes as long as with a new account
            User.objects.hold_name(self.cleaned_data["username"])
            return super().try_save(request)
        with transaction.atomic():
            user, response = super().try_save(request)
            record(Action.SIGN_UP, request=request, actor=user)
        return user, response


class ResetPasswordForm(BaseResetPasswordForm):
    """Request a link by mail, or a mail saying that there is no account. Limited by address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Email address")

    def clean_email(self) -> str:
        """Return the address; one that a user wants to change to but has not verified does not
        count.
        """
        email = self.cleaned_data["email"].lower()
        self.users = list(User.objects.with_email(email).filter(is_active=True))
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = self.cleaned_data["email"]
        if ratelimit.consume(request, action="reset_mail", key=email):
            super().save(request, **kwargs)
            record(
                Action.PASSWORD_RESET_ASKED,
                request=request,
                target=self.users[0] if self.users else "",
            )
        return email


class ChangePasswordForm(BaseChangePasswordForm):
    """A new password, which revokes personal access tokens only if the box is ticked."""

    revoke_tokens = forms.BooleanField(
        label=_("Also revoke my access tokens"),
        required=False,
        help_text=_(
            "Do this if someone else may have used your account. Your scripts will need new tokens."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.user.access_tokens.live().exists():
            del self.fields["revoke_tokens"]

    def save(self) -> None:
        super().save()
        if self.cleaned_data.get("revoke_tokens"):
            standing.revoke_tokens(self.user, request=context.request)


class NewPasswordForm(ResetPasswordKeyForm):
    """The new password behind a mailed link, which verifies the address and revokes all tokens."""

    def save(self) -> None:
        super().save()
        standing.revoke_tokens(self.user, request=context.request)
        self.user.mark_email_verified()
        forgive(context.request, self.user.email)


class ProfileForm(NameChangeForm):
    """The profile and preferences of a user; nothing that grants rights."""

    class Meta:
        model = User
        fields = ("display_name", "language", "units", "vernacular_language", "is_public")
        help_texts = {"display_name": _("Shown instead of your username.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted((str(name), code) for code, name in LANGUAGES.items())
        languages = [("", _("Same as pages")), *((code, name) for name, code in named)]
        self.fields["vernacular_language"] = forms.ChoiceField(
            label=_("Language of common names"), choices=languages, required=False
        )
        self.fields["units"].label = _("Units")
        choices = [("", _("Same as browser")), *settings.LANGUAGES]
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=choices, required=False
        )
        if len(settings.LANGUAGES) < 2:  # nothing to choose
            del self.fields["language"]


class TokenForm(forms.Form):
    """A new personal access token."""

    LIVES = [(7, _("1 week")), (30, _("30 days")), (USUAL_DAYS, _("90 days")), (365, _("1 year"))]

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Name it after where you use it.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=TokenScope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label=_("Expires after"), choices=LIVES, coerce=int, initial=USUAL_DAYS
    )


class RoleRequestForm(forms.ModelForm):
    """A request to become a researcher."""

    orcid = forms.CharField(
        label="ORCID iD",
        max_length=60,
        help_text=_("16 characters, or your ORCID address."),
    )

    class Meta:
        model = RoleRequest
        fields = ("institution", "orcid", "reason")
        widgets = {"reason": forms.Textarea({"rows": 5})}
        help_texts = {
            "reason": _("Tell the moderators what you work on and how you want to use the portal.")
        }

    def clean_orcid(self) -> str:
        return tidy_orcid(self.cleaned_data["orcid"])


class DecisionForm(forms.Form):
    """A moderator's decision."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[(Decision.GRANTED, _("Approve")), (Decision.REFUSED, _("Decline"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=2_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Sent by email and kept with the request."),
    )


class DeletionForm(forms.Form):
    """Confirmation by password before an account is deleted."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(label=_("Permanently delete my account"))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Return the password, counted like a log-in. Raises ValidationError."""
        password = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("incorrect_password")
        return password
