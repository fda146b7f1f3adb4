"""Sending mail at once, or later if the server does not accept it.

A kept mail is a template with facts. Its links and keys are created when it is sent, and it expires
when its link would.
"""

import logging
from datetime import datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPServerDisconnected,
)
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation

from config.http.portal_url import mail_origin
from users.mail_kinds import KINDS, Context, collect_facts, recipient_of
from users.models import UnsentMail

log = logging.getLogger(__name__)
MOST_KEPT = 10_000
MOST_A_ROUND = 100
ENDED_ARE_KEPT = timedelta(days=30)
# After a failed connection nobody waits for the server again so soon: mail is kept at once.
SERVER_IS_DOWN, SECONDS_DOWN = "mail-server-is-down", 60
# ValueError: an address or a header that cannot be written
FAILURES = (SMTPException, OSError, ValueError)


# --- In the request ---
def send_or_keep(
    mail: EmailMessage, template: str, email: str, context: Context, request: HttpRequest | None
) -> bool:
    """Send the mail, or keep its facts. Return whether it was sent."""
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
    """Keep a mail for later, in place of an older one with the same template and facts."""
    kind, now = KINDS[template], timezone.now()
    if UnsentMail.objects.waiting()[:MOST_KEPT].count() >= MOST_KEPT:
        log.error("%s mails wait already; one more is lost: %s", MOST_KEPT, template)
        return
    row = UnsentMail(
        template=template,
        email=email,
        user=recipient_of(context),
        facts=collect_facts(kind, context),
        language=translation.get_language() or settings.LANGUAGE_CODE,
        origin=mail_origin(request) if request else "",
        due_at=now + timedelta(minutes=5),
        expires_at=now + kind.life(),
        last_error=error,
    )
    UnsentMail.objects.waiting().filter(template=template, email=email, facts=row.facts).delete()
    row.save()


# --- In the queue runner ---
def send_due(now: datetime | None = None) -> tuple[int, int]:
    """Send the kept mails that are due; return the numbers of sent and failed ones.

    If the server cannot be reached, the round ends.
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
    """Write and send a kept mail; return the server's error, if any."""
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
    """Return whether the error concerns the server rather than this one mail."""
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
    """Return the error in one line for the operator, without the mail's text."""
    return " ".join(f"{type(error).__name__}: {error}".replace("\x00", "").split())[:200]


def forget_ended(now: datetime) -> int:
    """Delete mails that were given up a month ago; return their number."""
    return UnsentMail.objects.ended_before(now - ENDED_ARE_KEPT).delete()[0]
