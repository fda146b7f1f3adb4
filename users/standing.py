"""Changes of password, role, rights or activity, and the log-ins and tokens that they end."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from users import sessions
from users.audit import Action, record
from users.deletion import is_last_superuser
from users.models import User
from users.models.user import LOG_INS_REST_ON


def settle(user: User, changed: Iterable[str]) -> None:
    """End every log-in that depended on the fields' old values; of a closed account also tokens."""
    if LOG_INS_REST_ON.isdisjoint(changed):
        return
    sessions.end_all(user)
    if not user.is_active:
        user.access_tokens.all().delete()


def revoke_tokens(user: User, *, request: HttpRequest | None = None) -> None:
    """Revoke the account's personal access tokens, and remember them for the mail about it."""
    user.revoked_tokens = list(user.access_tokens.newest_first())
    for token in user.revoked_tokens:
        token.delete()
        record(Action.TOKEN_REVOKED, request=request, target=f"token:{token.key}")


def close(user: User, *, request: HttpRequest | None = None) -> None:
    """Deactivate the account. Raises ValidationError for the last superuser."""
    if is_last_superuser(user):
        raise ValidationError(
            _("This is the only superuser account. Make someone else a superuser first.")
        )
    set_active(user, False, request)


def reopen(user: User, *, request: HttpRequest | None = None) -> None:
    """Activate the account again; its log-ins and tokens do not come back."""
    set_active(user, True, request)


def set_active(user: User, is_active: bool, request: HttpRequest | None) -> None:
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    settle(user, ["is_active"])
    record(
        Action.ACCOUNT_REOPENED if is_active else Action.ACCOUNT_CLOSED,
        request=request,
        target=user,
    )
