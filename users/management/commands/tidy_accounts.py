"""Delete expired log entries, unverified accounts and ended sessions."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from users import mails
from users.audit import Action, record
from users.models import AuditEntry, Role, User


class Command(BaseCommand):
    help = (
        "Delete audit entries older than AUDIT_KEEP_DAYS (0 keeps them), "
        "unused accounts not confirmed within UNVERIFIED_KEEP_DAYS, and "
        "expired sessions."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        keep = settings.AUDIT_KEEP_DAYS
        entries = AuditEntry.objects.older_than(keep).purge() if keep else 0
        accounts = unproved().delete()[1].get("users.User", 0)
        call_command("clearsessions")
        mails.forget_ended(timezone.now())
        if entries or accounts:
            record(Action.AUDIT_PURGED, entries=entries, unproved_accounts=accounts, days=keep)
        self.stdout.write(
            f"Deleted {entries:,} log entries and {accounts:,} accounts that nobody proved."
        )


def unproved() -> Any:
    """Return expired accounts without rights, log-ins or a verified address."""
    latest = timezone.now() - timedelta(days=settings.UNVERIFIED_KEEP_DAYS)
    strangers = User.objects.filter(date_joined__lt=latest, last_login=None, role=Role.OBSERVER)
    return (
        strangers.exclude(is_staff=True)
        .exclude(is_superuser=True)
        .exclude(emailaddress__verified=True)
    )
