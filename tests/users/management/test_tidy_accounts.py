"""What is kept of people, and for how long."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.users.people import PASSWORD, person
from users.audit import Action, record
from users.models import AuditEntry, User

pytestmark = pytest.mark.django_db
OLD = timezone.now() - timedelta(days=400)


def test_old_log_entries_go_and_that_is_logged():
    AuditEntry.objects.create(action="log_in", at=OLD)
    record(Action.LOG_IN)
    call_command("tidy_accounts")
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "log_in",
        "audit_purged",
    ]
    assert AuditEntry.objects.last().details == {"entries": 1, "unproved_accounts": 0, "days": 365}


def test_with_the_setting_at_nought_the_log_is_kept_for_ever(settings):
    settings.AUDIT_KEEP_DAYS = 0
    AuditEntry.objects.create(action="log_in", at=OLD)
    call_command("tidy_accounts")
    assert AuditEntry.objects.count() == 1


def test_accounts_that_nobody_proved_in_time_go_and_all_others_stay():
    def unproved(name: str, **facts) -> None:
        User.objects.create_user(
            f"{name}@example.org", name, PASSWORD, **{"date_joined": OLD} | facts
        )

    unproved("stranger")
    unproved("new", date_joined=timezone.now())
    unproved("entered", last_login=OLD)
    unproved("clerk", is_staff=True)
    unproved("researcher", role="researcher")
    person("proved", date_joined=OLD)
    call_command("tidy_accounts")
    assert set(User.objects.values_list("username", flat=True)) == {
        "new",
        "entered",
        "clerk",
        "researcher",
        "proved",
    }
