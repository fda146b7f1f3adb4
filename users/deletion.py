"""The end of an account: the person goes, what they gave to everybody stays without their name."""

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import HttpRequest

from species.models import RefreshRun
from users import sessions
from users.audit import Action, record
from users.models import User

NOBODY = "a deleted account"


def is_last_superuser(user: User) -> bool:
    """Without that account nobody could give rights any more."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return user.is_superuser and not others.exists()


def delete_account(user: User, *, request: HttpRequest | None = None) -> None:
    """Delete the account with all that hangs on it. Rows that others rely on lose the name and keep
    the fact.
    """
    email, number = user.email, user.pk
    with transaction.atomic():
        record(Action.ACCOUNT_DELETED, request=request, target=user)
        RefreshRun.objects.filter(requested_by=user.username).update(requested_by=NOBODY)
        sessions.end_all(user)
        User.objects.get(pk=number).delete()
    get_adapter().send_mail("users/email/account_deleted", email, {})
