"""How a kept mail is written again, by its template: fresh links and keys, and the facts it repeats.

Other apps add their templates to `KINDS`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from allauth.account import app_settings
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.dateparse import parse_datetime

from users.models import RoleRequest, UnsentMail, User

DEFAULT_LIFE = timedelta(days=3)
Context = dict[str, Any]


class Kind(NamedTuple):
    """One kind of mail: how to rebuild its context, how long it is worth sending, what to keep."""

    write: Callable[[UnsentMail], Context | None]  # None if the mail has become pointless
    life: Callable[[], timedelta] = lambda: DEFAULT_LIFE
    facts: tuple[str, ...] = ()  # names of plain values in the context


def absolute_url(row: UnsentMail, name: str, **kwargs: Any) -> str:
    """Return the absolute address of a route, under PORTAL_URL or the origin of the request."""
    return (settings.PORTAL.origin or row.origin) + reverse(name, kwargs=kwargs)


def write_reset(row: UnsentMail) -> Context | None:
    """Return a fresh link; None if the person has logged in or changed the password since."""
    user = row.user
    if user is None or not user.is_active or row.facts.get("state") != login_state(user):
        return None
    uid = user_pk_to_url_str(user)
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    url = absolute_url(row, "account_reset_password_from_key", uidb36=uid, key=key)
    return {"user": user, "uid": uid, "key": key, "password_reset_url": url}


def write_confirmation(row: UnsentMail) -> Context | None:
    """Return a fresh link; None if the address is confirmed or no longer the account's."""
    unverified = EmailAddress.objects.filter(user=row.user, email=row.email, verified=False).first()
    if row.user is None or unverified is None:
        return None
    key = EmailConfirmationHMAC(unverified).key
    return {
        "user": row.user,
        "key": key,
        "activate_url": absolute_url(row, "account_confirm_email", key=key),
    }


def write_links(row: UnsentMail) -> Context:
    """Return the links to pages without a key, and the user, if any."""
    reset, join = absolute_url(row, "account_reset_password"), absolute_url(row, "account_signup")
    return {"user": row.user, "password_reset_url": reset, "signup_url": join}


def write_facts(row: UnsentMail) -> Context:
    return row.facts | {
        "user": row.user,
        "timestamp": parse_datetime(row.facts.get("timestamp", "")),
    }


def write_decision(row: UnsentMail) -> Context | None:
    asked = RoleRequest.objects.select_related("user").filter(pk=row.facts["asked"]).first()
    return {"asked": asked, "user": asked.user} if asked else None


def login_state(user: User) -> str:
    """Return a keyed digest that changes when a reset link for the user becomes void."""
    text = f"{user.password} {user.last_login} {user.email}"
    return salted_hmac("users.mails.state", text, algorithm="sha256").hexdigest()[:32]


def confirmation_life() -> timedelta:
    return timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)


def reset_life() -> timedelta:
    return timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


NOTICE = Kind(
    write_facts,
    facts=(
        *("ip", "user_agent", "timestamp", "tokens_revoked", "tokens_kept"),
        *("from_email", "to_email", "deleted_email"),
    ),
)
KINDS = {
    "account/email/password_reset_key": Kind(write_reset, reset_life),
    "account/email/email_confirmation": Kind(write_confirmation, confirmation_life),
    "account/email/email_confirmation_signup": Kind(write_confirmation, confirmation_life),
    "account/email/unknown_account": Kind(write_links, reset_life),
    "account/email/account_already_exists": Kind(write_links, confirmation_life),
    "account/email/password_changed": NOTICE,
    "account/email/password_reset": NOTICE,
    "account/email/password_set": NOTICE,
    "account/email/email_changed": NOTICE,
    "account/email/email_deleted": NOTICE,
    "mfa/email/totp_activated": NOTICE,
    "mfa/email/totp_deactivated": NOTICE,
    "mfa/email/recovery_codes_generated": NOTICE,
    "mfa/email/webauthn_added": NOTICE,
    "mfa/email/webauthn_removed": NOTICE,
    "users/email/role_decided": Kind(write_decision),
    "users/email/account_deleted": Kind(write_facts),
    "users/email/codes_guessed": Kind(write_links),
}


def collect_facts(kind: Kind, context: Context) -> dict[str, Any]:
    """Return the plain values and row numbers that the mail repeats; never a key or a link."""
    facts = {name: context[name] for name in kind.facts if name in context}
    if kind.write is write_decision:
        facts["asked"] = context["asked"].pk
    if kind.write is write_reset:
        facts["state"] = login_state(context["user"])
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
    }


def recipient_of(context: Context) -> User | None:
    """Return the saved user in the context, if any."""
    user = context.get("user")
    return user if isinstance(user, User) and user.pk else None
