"""Roles on the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.users.people import person
from users.models import AuditEntry, User

pytestmark = pytest.mark.django_db


def roles(*words: str) -> str:
    out = StringIO()
    call_command("roles", *words, stdout=out)
    return out.getvalue()


def test_roles_are_listed_with_who_has_them_and_what_they_may():
    person("mo", role="moderator")
    person("closed", role="moderator", is_active=False)
    text = roles("list")
    assert "moderator: 1 people" in text
    assert "  users.decide_rolerequest: Can decide requests for a role" in text


def test_a_permission_is_granted_to_a_role_and_taken_away_again():
    rhea = person("rhea", role="researcher")
    roles("grant", "researcher", "species.view_dataset")
    assert User.objects.get(pk=rhea.pk).has_perm("species.view_dataset")
    roles("revoke", "researcher", "species.view_dataset")
    assert not User.objects.get(pk=rhea.pk).has_perm("species.view_dataset")
    told = AuditEntry.objects.order_by("pk").values_list("action", "target", "details")
    assert list(told) == [
        ("rights_changed", "group:researcher", {"granted": "species.view_dataset"}),
        ("rights_changed", "group:researcher", {"revoked": "species.view_dataset"}),
    ]


def test_a_person_s_role_is_set_and_logged():
    ada = person("ada")
    assert roles("set", "ADA@example.org", "moderator") == "ada is now: Moderator.\n"
    ada.refresh_from_db()
    assert ada.role == "moderator"
    assert AuditEntry.objects.get().details == {"before": "observer", "role": "moderator"}


@pytest.mark.parametrize(
    "words",
    [
        ("set", "nobody@example.org", "moderator"),
        ("grant", "researcher", "nonsense"),
        ("set", "x", "king"),
    ],
)
def test_what_is_not_there_is_said_so(words):
    with pytest.raises(CommandError):
        roles(*words)
