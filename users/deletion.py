"""Deleting an account: personal data go, contributions stay without the name."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import HttpRequest

from users import sessions
from users.audit import Action, record
from users.models import User

ANONYMOUS_NAME = "a deleted account"
# Other apps append a function that replaces the account's username in their rows.
ANONYMIZERS: list[Callable[[User, str], None]] = []


def is_last_superuser(user: User) -> bool:
    """Return whether the portal would be left without an active superuser."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return user.is_superuser and not others.exists()


def delete_account(user: User, *, request: HttpRequest | None = None) -> None:
    """Delete the account and its data, in one transaction, and confirm it by mail."""
    email, number = user.email, user.pk
    with transaction.atomic():
        record(Action.ACCOUNT_DELETED, request=request, target=user)
        for anonymize in ANONYMIZERS:
            anonymize(user, ANONYMOUS_NAME)
        sessions.end_all(user)
        User.objects.get(pk=number).delete()
    get_adapter().send_mail("users/email/account_deleted", email, {})
