"""Writing the audit log, for pages, API, admin and commands."""

import getpass
from enum import StrEnum
from typing import Any

from django.http import HttpRequest

from config.http.addresses import client_address
from users.models import AuditEntry, User

LONGEST_DETAIL = 500


class Action(StrEnum):
    """The actions in the log. Entries stay readable after an action has been removed here."""

    LOG_IN = "log_in"
    LOG_IN_FAILED = "log_in_failed"
    LOG_OUT = "log_out"
    LOG_OUT_EVERYWHERE = "log_out_everywhere"
    SIGN_UP = "sign_up"
    EMAIL_CONFIRMED = "email_confirmed"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a name of what was done
    PASSWORD_RESET_ASKED = "password_reset_asked"  # noqa: S105
    TWO_FACTOR_ADDED = "two_factor_added"
    TWO_FACTOR_REMOVED = "two_factor_removed"
    TOKEN_MADE = "token_made"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    TOKEN_REUSED = "token_reused"  # noqa: S105
    DATA_DOWNLOADED = "data_downloaded"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_DELETED = "account_deleted"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_REOPENED = "account_reopened"
    ACCOUNT_CHANGED = "account_changed"
    ROLE_REQUESTED = "role_requested"
    ROLE_REQUEST_WITHDRAWN = "role_request_withdrawn"
    ROLE_DECIDED = "role_decided"
    ROLE_CHANGED = "role_changed"
    RIGHTS_CHANGED = "rights_changed"
    MODERATED = "moderated"
    REFRESH_QUEUED = "refresh_queued"
    REFRESH_CANCELLED = "refresh_cancelled"
    WITHDRAWALS_ACCEPTED = "withdrawals_accepted"
    OBSERVATIONS_RECURATED = "observations_recurated"
    OBSERVATIONS_PURGED = "observations_purged"
    DEMONSTRATION_LOADED = "demonstration_loaded"
    DEMONSTRATION_REMOVED = "demonstration_removed"
    FACT_CHANGED = "fact_changed"
    AUDIT_PURGED = "audit_purged"


def record(
    action: Action | str,
    *,
    request: HttpRequest | None = None,
    actor: User | None = None,
    target: User | str = "",
    **details: Any,
) -> AuditEntry:
    """Write an entry. The actor is the request's user, or the machine's user in a command.

    `details` are plain JSON values without e-mail addresses or secrets, since entries outlive
    accounts.
    """
    if actor is None and request is not None and request.user.is_authenticated:
        actor = request.user
    return AuditEntry.objects.create(
        action=str(action),
        actor=actor,
        actor_label="" if actor or request else command_line_user(),
        target=f"user:{target.pk}" if isinstance(target, User) else clean(target)[:200],
        address=client_address(request) if request else None,
        details={name: clean(value) for name, value in details.items()},
    )


def clean(value: Any) -> Any:
    """Return the value without NUL bytes and with long texts and lists cut."""
    if isinstance(value, str):
        return value.replace("\x00", "")[:LONGEST_DETAIL]
    if isinstance(value, dict):
        return {clean(str(name)): clean(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(part) for part in list(value)[:LONGEST_DETAIL]]
    return value if value is None or isinstance(value, bool | int | float) else clean(str(value))


def command_line_user() -> str:
    """Return the name of the machine's user."""
    try:
        return f"{getpass.getuser()} (command line)"[:100]
    except (KeyError, OSError):
        return "command line"
