"""Operations of the accounts' API, with django-allauth's own forms, so that pages and API agree.

Functions take Django's request, and raise ValidationError, Throttled or Problem.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account import app_settings, forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress, get_emailconfirmation_model
from allauth.account.signals import password_reset
from allauth.account.utils import complete_signup
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.utils import get_form_class
from django.contrib import auth
from django.contrib.auth.signals import user_logged_in
from django.contrib.messages.storage import default_storage
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from config.http.problems import Problem
from users import cookies, sessions
from users.codes import CodeForm
from users.forms import again_when_taken
from users.models import User
from users.throttles import TooManyTries, seconds_until

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def register(request: HttpRequest, email: str, username: str, password: str) -> None:
    """Create an account with an unverified address; the owner of a known address gets a mail."""
    if not get_adapter().is_open_for_signup(request):
        raise Problem(403, "sign-up-closed", "This portal is not accepting new accounts.")
    limited(request, "signup")
    data = {"email": email, "username": username, "password1": password, "password2": password}
    with apart(request):
        again_when_taken(sign_up, request, data)


def sign_up(request: HttpRequest, data: dict[str, str]) -> None:
    """Save the account. Raises IntegrityError if address or name have just been taken."""
    form = checked(
        form_of("signup", forms.SignupForm)(data), password1="password", password2="password"
    )
    user, told = form.try_save(request)
    if told is None:
        complete_signup(request, user, email_verification=None, success_url=None)


def identify(request: HttpRequest, email: str, password: str, code: str = "") -> User:
    """Return the user with this address, password and second factor, if enabled."""
    limited(request, "login")
    with apart(request):
        try:
            user = get_adapter().authenticate(request, email=email, password=password)
        except TooManyTries as refusal:
            raise Throttled(refusal.seconds) from None
        # or has not proved the address yet, which must not be told apart
        if user is None or not user.is_active:
            raise Problem(401, "wrong-credentials", "Wrong email or password.")
        if is_mfa_enabled(user, SECOND_FACTORS):
            ask_second_factor(user, code)
    # Django's own: the date of the last log-in
    user_logged_in.send(User, request=request, user=user)
    return user


def ask_second_factor(user: User, code: str) -> None:
    if not code:
        raise Problem(
            401, "two-factor-required", "Also send the code from your authenticator app as `code`."
        )
    form = CodeForm({"code": code}, user=user)
    try:
        checked(form)
    except ValidationError:
        raise Problem(401, "two-factor-wrong", "This code is wrong or was already used.") from None
    form.save()


def leave(request: HttpRequest) -> User | None:
    """End the log-ins of the request's cookies, of either kind, and return their user, if any."""
    person = auth.get_user(request)
    if person.is_authenticated:
        auth.logout(request)
    for kind, cookie in ((AccessToken, cookies.ACCESS), (RefreshToken, cookies.REFRESH)):
        if family := sessions.family_of(kind, request.COOKIES.get(cookie)):
            person = family.user
            family.delete()
    return person if isinstance(person, User) else None


def change_password(
    request: HttpRequest, user: User, current: str, new: str, *, revoke_tokens: bool
) -> None:
    """Set a new password and end all log-ins, including this one."""
    limited(request, "change_password", user=user)
    data = {
        "oldpassword": current,
        "password1": new,
        "password2": new,
        "revoke_tokens": revoke_tokens,
    }
    names = {
        "oldpassword": "currentPassword",
        "password1": "newPassword",
        "password2": "newPassword",
    }
    form = checked(form_of("change_password", forms.ChangePasswordForm)(user, data), **names)
    with apart(request):
        form.save()
        # No session outlives this, so django-allauth's signal, which records one, is not sent.
        get_adapter().send_notification_mail("account/email/password_changed", user)


def ask_password_reset(request: HttpRequest, email: str) -> None:
    """Send one mail, whether or not the account exists."""
    limited(request, "reset_password", key=email.lower())
    with apart(request):
        checked(form_of("reset_password", forms.ResetPasswordForm)({"email": email})).save(request)


def reset_password(request: HttpRequest, key: str, new: str) -> None:
    """Set the password with the key from the mail, and end all log-ins."""
    limited(request, "reset_password_from_key")
    uid, _, token = key.partition("-")
    known = form_of("user_token", forms.UserTokenForm)({"uidb36": uid, "key": token})
    if not known.is_valid():
        raise Problem(
            400,
            "link-invalid",
            "This link was already used, has expired or is incomplete. Request a new one.",
        )
    user, data = known.reset_user, {"password1": new, "password2": new}
    form = form_of("reset_password_from_key", forms.ResetPasswordKeyForm)(
        data, user=user, temp_key=token
    )
    checked(form, password1="newPassword", password2="newPassword")
    with apart(request):
        form.save()
        password_reset.send(User, request=request, user=user)
        get_adapter().send_notification_mail("account/email/password_reset", user)


def verify_email(request: HttpRequest, key: str) -> None:
    confirmation = get_emailconfirmation_model().from_key(key)
    with apart(request):
        if confirmation is None or not confirmation.confirm(request):
            raise Problem(
                400, "link-invalid", "This link was already used, has expired or is incomplete."
            )


def resend_verification(request: HttpRequest, email: str) -> None:
    """Send one mail: the link, or a note that the address is verified or has no account."""
    email = email.lower()
    limited(request, "reset_password", key=email)
    found = EmailAddress.objects.filter(email=email).order_by("-verified").first()
    if not ratelimit.consume(request, action="confirm_email", key=email):
        return  # the mail that was sent is still good
    with apart(request):
        if found is None:
            signup_url = request.build_absolute_uri(reverse("account_signup"))
            context = {"request": request, "signup_url": signup_url}
            get_adapter().send_mail("account/email/unknown_account", email, context)
        elif found.verified:
            get_adapter().send_account_already_exists_mail(email)
        else:
            found.send_confirmation(request, signup=True)


# --- What they share ------------------------------------------------------------------------------------------------
@contextmanager
def apart(request: HttpRequest) -> Iterator[None]:
    """Keep django-allauth's session data and messages, meant for its next page, out of the
    response.
    """
    kept, messages = request.session, request._messages  # type: ignore[attr-defined]
    request.session, request._messages = type(kept)(), default_storage(request)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        request.session, request._messages = kept, messages  # type: ignore[attr-defined]


def limited(request: HttpRequest, action: str, **whose: Any) -> None:
    """Count towards a limit shared with the pages. Raises Throttled."""
    if not ratelimit.consume(request, action=action, **whose):
        raise Throttled(seconds_until(request, action, **whose))


def form_of(name: str, default: type[Form]) -> Any:
    """Return the form class of the pages."""
    return get_form_class(app_settings.FORMS, name, default)


def checked(form: Any, **names: str) -> Any:
    """Return the form if it is valid. Raises ValidationError with the API's names of the fields."""
    if form.is_valid():
        return form
    found = form.errors.as_data()
    for refusal in (
        error for errors in found.values() for error in errors if isinstance(error, TooManyTries)
    ):
        raise Throttled(refusal.seconds)
    told = {names.get(name, name): form.errors[name] for name in found}
    raise ValidationError(
        {"non_field_errors" if name == "__all__" else name: errors for name, errors in told.items()}
    )
