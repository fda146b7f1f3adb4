"""What a role lets people do."""

import pytest
from django.contrib.auth.models import Group, Permission

from tests.users.people import person

pytestmark = pytest.mark.django_db
DECIDE = "users.decide_rolerequest"


def test_a_moderator_decides_requests_without_a_membership_row():
    mo = person("mo", role="moderator")
    assert mo.groups.count() == 0
    assert mo.has_perm(DECIDE)
    assert not person("ada").has_perm(DECIDE)
    assert not person("rhea", role="researcher").has_perm(DECIDE)


def test_a_role_that_is_taken_away_takes_its_permissions_with_it():
    mo = person("mo", role="moderator")
    mo.role = "observer"
    mo.save()
    assert not mo.has_perm(DECIDE)


def test_a_sleeping_account_may_nothing():
    assert not person("mo", role="moderator", is_active=False).has_perm(DECIDE)


def test_a_permission_given_to_a_role_s_group_is_the_role_s():
    view = Permission.objects.get(content_type__app_label="species", codename="view_dataset")
    Group.objects.get(name="researcher").permissions.add(view)
    assert person("rhea", role="researcher").has_perm("species.view_dataset")
    assert not person("ada").has_perm("species.view_dataset")


def test_memberships_and_own_permissions_count_as_ever():
    ada = person("ada")
    ada.groups.add(Group.objects.get(name="moderator"))
    assert ada.has_perm(DECIDE)
