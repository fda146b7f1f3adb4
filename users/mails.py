"""Mail goes out at once; what the server does not take is kept, and sent by the queue runner later.

A kept mail is a template and facts. Links and keys are made when it is sent, and it ends when its
link would.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPServerDisconnected,
)
from typing import Any, NamedTuple

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.dateparse import parse_datetime

from config.http.portal_url import mail_origin
from species.models import RefreshRun
from users.models import RoleRequest, UnsentMail, User

log = logging.getLogger(__name__)
MOST_KEPT = 10_000
MOST_A_ROUND = 100
ENDED_ARE_KEPT = timedelta(days=30)
USUAL_LIFE = timedelta(days=3)
# After a failed connection nobody waits for the server again so soon: mail is kept at once.
SERVER_IS_DOWN, SECONDS_DOWN = "mail-server-is-down", 60
# ValueError: an address or a header that cannot be written
FAILURES = (SMTPException, OSError, ValueError)
Context = dict[str, Any]


class Kind(NamedTuple):
    """How a mail is written later. `write` returns the template's context, or None if the mail has
    become pointless.
    """

    write: Callable[[UnsentMail], Context | None]
    life: Callable[[], timedelta] = lambda: USUAL_LIFE
    facts: tuple[str, ...] = ()  # of the first context, plain values that the mail repeats


def address(row: UnsentMail, name: str, **kwargs: Any) -> str:
    """Return the absolute address of a route, on the portal's own host or the one that was asked."""
    return (settings.PORTAL.origin or row.origin) + reverse(name, kwargs=kwargs)


def write_reset(row: UnsentMail) -> Context | None:
    """Return a fresh link, unless the person has logged in or chosen a password since: the link
    asked for is void.
    """
    user = row.user
    if user is None or not user.is_active or row.facts.get("state") != state_of(user):
        return None
    uid, key = (
        user_pk_to_url_str(user),
        app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user),
    )
    url = address(row, "account_reset_password_from_key", uidb36=uid, key=key)
    return {"user": user, "uid": uid, "key": key, "password_reset_url": url}


def write_confirmation(row: UnsentMail) -> Context | None:
    """Return a fresh link, unless the address is confirmed or given up."""
    unproved = EmailAddress.objects.filter(user=row.user, email=row.email, verified=False).first()
    if row.user is None or unproved is None:
        return None
    key = EmailConfirmationHMAC(unproved).key
    return {
        "user": row.user,
        "key": key,
        "activate_url": address(row, "account_confirm_email", key=key),
    }


def write_links(row: UnsentMail) -> Context | None:
    """Return the links to pages without a key, and the person, if any."""
    reset, join = address(row, "account_reset_password"), address(row, "account_signup")
    return {"user": row.user, "password_reset_url": reset, "signup_url": join}


def write_facts(row: UnsentMail) -> Context | None:
    return row.facts | {
        "user": row.user,
        "timestamp": parse_datetime(row.facts.get("timestamp", "")),
    }


def write_decision(row: UnsentMail) -> Context | None:
    asked = RoleRequest.objects.select_related("user").filter(pk=row.facts["asked"]).first()
    return {"asked": asked, "user": asked.user} if asked else None


def write_failed_run(row: UnsentMail) -> Context | None:
    run = RefreshRun.objects.filter(pk=row.facts["run_number"]).first()
    return {"run": run, "run_number": run.pk} if run else None


def state_of(user: User) -> str:
    """Return a digest of what a reset link rests on; it leads back to nothing."""
    text = f"{user.password} {user.last_login} {user.email}"
    return salted_hmac("users.mails.state", text, algorithm="sha256").hexdigest()[:32]


def confirmation_life() -> timedelta:
    return timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)


def reset_life() -> timedelta:
    return timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


NOTICE = Kind(write_facts, facts=("ip", "user_agent", "timestamp", "tokens_revoked", "tokens_kept", "from_email",
                                  "to_email", "deleted_email"))  # fmt: skip
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
    "species/email/refresh_failed": Kind(write_failed_run, facts=("run_number",)),
}


# --- In the request -------------------------------------------------------------------------------------------------
def send_or_keep(
    mail: EmailMessage, template: str, email: str, context: Context, request: HttpRequest | None
) -> bool:
    """Send the mail, or keep what it says if the server does not take it. Return whether it was
    sent.
    """
    if reason := cache.get(SERVER_IS_DOWN):
        keep(template, email, context, request, reason)
        return False
    try:
        mail.send()
    except FAILURES as error:
        log.warning("A mail could not be sent and is kept: %s: %s", template, reason_of(error))
        note_outage(error)
        keep(template, email, context, request, reason_of(error))
        return False
    return True


def tell_operators(template: str, **facts: Any) -> bool:
    """Send a mail to each of ADMINS, or keep it. Return whether all were sent."""
    sent = []
    for _name, email in settings.ADMINS:
        context = KINDS[template].write(UnsentMail(template=template, email=email, facts=facts))
        if context is not None:
            with translation.override(settings.LANGUAGE_CODE):
                mail = get_adapter().render_mail(template, email, context)
                sent.append(send_or_keep(mail, template, email, context, None))
    return all(sent)


def keep(
    template: str, email: str, context: Context, request: HttpRequest | None, error: str
) -> None:
    """Note a mail to send later; a newer one of the same kind and facts takes the older one's
    place.
    """
    kind, now = KINDS[template], timezone.now()
    if UnsentMail.objects.waiting()[:MOST_KEPT].count() >= MOST_KEPT:
        log.error("%s mails wait already; one more is lost: %s", MOST_KEPT, template)
        return
    row = UnsentMail(
        template=template,
        email=email,
        user=person_of(context),
        facts=facts_of(kind, context),
        language=translation.get_language() or settings.LANGUAGE_CODE,
        origin=mail_origin(request) if request else "",
        due_at=now + timedelta(minutes=5),
        expires_at=now + kind.life(),
        last_error=error,
    )
    UnsentMail.objects.waiting().filter(template=template, email=email, facts=row.facts).delete()
    row.save()


def person_of(context: Context) -> User | None:
    user = context.get("user")
    return user if isinstance(user, User) and user.pk else None


def facts_of(kind: Kind, context: Context) -> dict[str, Any]:
    """Return what the mail repeats: plain values by name, and numbers of rows; never a key or a
    link.
    """
    facts = {name: context[name] for name in kind.facts if name in context}
    if kind.write is write_decision:
        facts["asked"] = context["asked"].pk
    if kind.write is write_reset:
        facts["state"] = state_of(context["user"])
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
    }


# --- In the queue runner --------------------------------------------------------------------------------------------
def send_due(now: datetime | None = None) -> tuple[int, int]:
    """Send the kept mails whose time has come; return how many were sent and how many failed.

    A server that cannot be reached ends the round: the others would only wait for it too.
    """
    now, sent, failed = now or timezone.now(), 0, 0
    for pk in list(UnsentMail.objects.due(now).values_list("pk", flat=True)[:MOST_A_ROUND]):
        with transaction.atomic():  # another runner leaves the row alone meanwhile
            rows = UnsentMail.objects.select_for_update(
                skip_locked=True, of=("self",)
            ).select_related("user")
            row = rows.due(now).filter(pk=pk).first()
            error = send_again(row, now) if row else None
        sent, failed = sent + (row is not None and error is None), failed + (error is not None)
        if is_outage(error):
            break
    return sent, failed


def send_again(row: UnsentMail, now: datetime) -> Exception | None:
    """Write the mail anew and send it; return the error of the server, if any."""
    try:
        mail = written(row) if row.expires_at > now else None
        if mail is not None:
            mail.send()
            cache.delete(SERVER_IS_DOWN)
    except Exception as error:  # a mail that cannot even be written must not keep back the others
        note_outage(error)
        log.warning("A kept mail could not be sent: %s: %s", row.template, reason_of(error))
        row.note_failure(now, reason_of(error))
        return error
    row.delete()
    return None


def written(row: UnsentMail) -> EmailMessage | None:
    """Return the mail with fresh links, or None if it has become pointless."""
    context = KINDS[row.template].write(row)
    if context is None:
        return None
    with translation.override(row.language):
        return get_adapter().render_mail(row.template, row.email, context | {"email": row.email})


def is_outage(error: Exception | None) -> bool:
    """Return whether the server cannot be reached or refuses us, rather than this one mail."""
    if isinstance(error, SMTPException):
        return isinstance(
            error,
            SMTPServerDisconnected | SMTPConnectError | SMTPHeloError | SMTPAuthenticationError,
        )
    return isinstance(error, OSError)


def note_outage(error: Exception) -> None:
    if is_outage(error):
        cache.set(SERVER_IS_DOWN, reason_of(error), SECONDS_DOWN)


def reason_of(error: Exception) -> str:
    """Return the error in one line, as the operator reads it; the mail's text never stands in it."""
    return " ".join(f"{type(error).__name__}: {error}".replace("\x00", "").split())[:200]


def forget_ended(now: datetime) -> int:
    """Delete mails that were given up a month ago; return how many."""
    return UnsentMail.objects.ended_before(now - ENDED_ARE_KEPT).delete()[0]
