"""Codes of second factors: each is good once, and guessing never locks the owner out.

Someone who guesses codes knows the password. One address gets a few attempts; attempts from many
addresses become slower, and a mail asks the owner to change the password.
"""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.base import forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from users.audit import Action, record
from users.models import User
from users.throttles import FREE_FAILURES, admit, count_failure

# A code is right for its own half minute and for those beside it; allauth remembers it for one of
# them.
CODE_LIVES_SECONDS = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)


class CodeForm(forms.AuthenticateForm):
    """The code after the password."""

    def clean_code(self) -> str:
        return guarded(self.user, super().clean_code)


class CodeAgainForm(forms.ReauthenticateForm):
    """The code again, before a sensitive action."""

    def clean_code(self) -> str:
        return guarded(self.user, super().clean_code)


class FirstCodeForm(ActivateTOTPForm):
    """The code that sets up an authenticator app; it cannot be used to log in afterwards."""

    def clean_code(self) -> str:
        code = super().clean_code()
        refuse_second_use(self.user, code)
        return code


def guarded(user: User, look: Callable[[], str]) -> str:
    """Return the code. Raises ValidationError if it is wrong, used, or one attempt too many."""
    request, account = context.request, f"code of {user.pk}"
    attempt = admit(request, "wrong_code", account)
    try:
        code = look()
        refuse_second_use(user, code)
    except ValidationError:
        record(Action.LOG_IN_FAILED, request=request, target=user, step="second factor")
        if count_failure(account) == FREE_FAILURES:
            tell_owner(request, user)
        raise
    attempt.succeeded()
    return code


def refuse_second_use(user: User, code: str) -> None:
    digits = "".join(filter(str.isalnum, code))
    if not cache.add(f"second-factor-used:{user.pk}:{digits}", True, CODE_LIVES_SECONDS):
        raise get_adapter().validation_error("incorrect_code")


def tell_owner(request: HttpRequest, user: User) -> None:
    url = request.build_absolute_uri(reverse("account_reset_password"))
    get_adapter().send_mail(
        "users/email/codes_guessed", user.email, {"user": user, "password_reset_url": url}
    )
