"""The export of all data about a user, without secrets and other users' data."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet

from users.models import AuditEntry, User

OWN_FIELDS = (
    "email", "username", "role", "display_name", "language", "units", "vernacular_language", "is_public", "is_active",
    "is_staff", "is_superuser", "date_joined", "last_login",
)  # fmt: skip
REQUEST_FIELDS = (
    "role",
    "institution",
    "orcid",
    "reason",
    "requested_at",
    "decision",
    "note",
    "decided_at",
)


def everything_about(user: User) -> dict[str, Any]:
    """Return text, numbers, dates and lists of them, by kind."""
    entries = AuditEntry.objects.filter(Q(actor=user) | Q(target=f"user:{user.pk}")).newest_first()
    sessions = UserSession.objects.filter(user=user)
    return {
        "account": {name: getattr(user, name) for name in OWN_FIELDS},
        "email_addresses": rows(
            EmailAddress.objects.filter(user=user), "email", "verified", "primary"
        ),
        "role_requests": rows(user.role_requests.newest_first(), *REQUEST_FIELDS),
        "second_factors": rows(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        ),
        "sessions": rows(sessions, "created_at", "last_seen_at", "ip", "user_agent"),
        "saved_selections": rows(
            user.saved_selections.newest_first(), "name", "hash", "query", "created_at"
        ),
        "api_log_ins": rows(
            user.token_families.all(), "started_at", "rotated_at", "address", "user_agent"
        ),
        "access_tokens": rows(
            user.access_tokens.all(), "name", "scopes", "created_at", "expires_at", "last_used_at"
        ),
        "unsent_mails": rows(
            user.unsent_mails.all(), "template", "email", "created_at", "expires_at", "ended_at"
        ),
        "log": [entry_of(entry, user) for entry in entries.iterator()],
    }


def rows(queryset: QuerySet, *fields: str) -> list[dict[str, Any]]:
    return list(queryset.values(*fields))


def entry_of(entry: AuditEntry, user: User) -> dict[str, Any]:
    """Return a log entry, without the address of other actors."""
    is_own = entry.actor_id == user.pk
    told = {
        "at": entry.at,
        "action": entry.action,
        "target": entry.target,
        "details": entry.details,
    }
    return told | ({"address": entry.address} if is_own else {})
