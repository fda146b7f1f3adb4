"""Who may do what to whose account in the admin, and what a forged form gets."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from tests.users.people import PASSWORD, person, staff, superuser
from users.models import AuditEntry, Role, RoleRequest, User

pytestmark = pytest.mark.django_db
ADD = "admin:users_user_add"
NEW_PASSWORD = "seven whelks and a limpet"
RIGHTS = {"is_staff": "on", "is_superuser": "on"}


def change_url(account: User) -> str:
    return reverse("admin:users_user_change", args=[account.pk])


def form_of(account: User, **changes: str) -> dict[str, str]:
    return {
        "email": account.email,
        "username": account.username,
        "role": account.role,
        "is_active": "on",
    } | changes


def addition(**changes: str) -> dict[str, str]:
    passwords = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return (
        {"email": "nemo@example.org", "username": "nemo", "role": Role.OBSERVER}
        | passwords
        | changes
    )


@pytest.fixture
def clerk(client):
    account = staff(
        "clerk", "users.add_user", "users.change_user", "users.view_user", "users.delete_user"
    )
    client.force_login(account)
    return account


@pytest.fixture
def root(client):
    account = superuser()
    client.force_login(account)
    return account


def log_in(client, email: str, **fields: str):
    return client.post(reverse("account_login"), {"login": email, "password": PASSWORD} | fields)


def test_the_admin_asks_at_the_portal_s_own_log_in(client):
    assert (
        client.get("/admin/", follow=True).redirect_chain[-1][0]
        == "/accounts/login/?next=%2Fadmin%2F"
    )


@pytest.mark.parametrize("typed", ["Ada@Example.org", "ada@example.org", "ADA@EXAMPLE.ORG"])
def test_staff_log_in_whatever_the_case_of_their_address(client, typed):
    User.objects.create_superuser("Ada@Example.org", "ada", PASSWORD)
    answer = log_in(client, typed, next="/admin/")
    assert (answer.status_code, answer["location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_an_account_without_staff_rights_stays_outside(client):
    client.force_login(person("ada"))
    assert client.get("/admin/", follow=True).status_code == 403


def test_staff_without_a_second_factor_are_led_to_one_where_the_setting_asks_for_it(
    client, settings
):
    settings.STAFF_NEEDS_TWO_FACTOR = True
    root = superuser()
    client.force_login(root)
    answer = client.get("/admin/users/user/", follow=True)
    assert answer.redirect_chain[-1][0] == reverse("mfa_index")
    assert "Set up two-factor login" in answer.content.decode()
    TOTP.activate(root, generate_totp_secret())
    assert client.get("/admin/users/user/").status_code == 200


def test_staff_add_an_account_that_can_log_in(client, clerk):
    answer = client.post(reverse(ADD), addition())
    account = User.objects.get(email="nemo@example.org")
    assert (answer.status_code, account.username, account.role) == (302, "nemo", "observer")
    assert account.check_password(NEW_PASSWORD)


@pytest.mark.parametrize(
    "forged", [{"role": "moderator"}, {"role": "researcher"}, RIGHTS, {"groups": "1"}]
)
def test_a_clerk_adds_no_account_with_a_role_or_rights(client, clerk, forged):
    answer = client.post(reverse(ADD), addition(**forged))
    assert answer.status_code == 403
    assert "Only a superuser can change roles and rights." in answer.content.decode()
    assert not User.objects.filter(username="nemo").exists()


@pytest.mark.parametrize(("field", "taken"), [("email", "ADA@example.org"), ("username", "aDa")])
def test_an_address_or_name_that_is_taken_is_said_at_its_field(client, clerk, field, taken):
    person("ada")
    answer = client.post(reverse(ADD), addition(**{field: taken}))
    assert answer.status_code == 200
    assert list(answer.context["adminform"].errors) == [field]
    assert "Another account has this" in answer.context["adminform"].errors[field][0]


@pytest.mark.parametrize(
    "forged",
    [{"role": "moderator"}, {"role": "researcher"}, {"is_staff": "on"}, {"is_superuser": "on"}, {"groups": "1"},
     {"user_permissions": "1"}],
)  # fmt: skip
def test_a_clerk_changes_no_role_and_no_rights_by_a_forged_form(client, clerk, forged):
    account = person("ada")
    answer = client.post(change_url(account), form_of(account, display_name="Ada", **forged))
    assert answer.status_code == 403
    assert "Only a superuser can change roles and rights." in answer.content.decode()
    account.refresh_from_db()
    assert (account.role, account.is_staff, account.is_superuser, account.display_name) == (
        "observer",
        False,
        False,
        "",
    )
    assert not account.groups.exists()
    assert not account.user_permissions.exists()


def test_a_clerk_takes_no_role_away(client, clerk):
    account = person("rhea", role=Role.RESEARCHER)
    assert client.post(change_url(account), form_of(account, role="observer")).status_code == 403
    assert (
        client.post(change_url(account), form_of(account, display_name="Rhea")).status_code == 302
    )
    account.refresh_from_db()
    assert (account.role, account.display_name) == ("researcher", "Rhea")


def test_nobody_raises_themself(client, clerk):
    assert (
        client.post(change_url(clerk), form_of(clerk, role=Role.MODERATOR, **RIGHTS)).status_code
        == 403
    )
    clerk.refresh_from_db()
    assert (clerk.role, clerk.is_superuser) == ("observer", False)


def by_role() -> User:
    return person("mo", role=Role.MODERATOR)


def by_permission() -> User:
    account = person("mo")
    account.user_permissions.add(Permission.objects.get(codename="decide_rolerequest"))
    return account


def by_group() -> User:
    account, group = person("mo"), Group.objects.create(name="judges")
    group.permissions.add(Permission.objects.get(codename="decide_rolerequest"))
    account.groups.add(group)
    return account


def by_role_s_group() -> User:
    group, _ = Group.objects.get_or_create(name=Role.RESEARCHER)
    group.permissions.add(Permission.objects.get(codename="decide_rolerequest"))
    return person("mo", role=Role.RESEARCHER)


@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("make", [by_role, by_permission, by_group, by_role_s_group])
def test_a_clerk_touches_nobody_who_decides_role_requests(client, clerk, make, is_active):
    account = make()
    User.objects.filter(pk=account.pk).update(is_active=is_active)
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    chosen = {"action": "delete_selected", "_selected_action": [account.pk], "post": "yes"}
    for address, form in (
        (change_url(account), form_of(account, email="mine@example.org")),
        (reverse("admin:auth_user_password_change", args=[account.pk]), passwords),
        (reverse("admin:users_user_delete", args=[account.pk]), {"post": "yes"}),
        (reverse("admin:users_user_changelist"), chosen),
    ):
        answer = client.post(address, form)
        assert answer.status_code == 403
        assert "Only a superuser can change accounts" in answer.content.decode() or "action" in form
    account.refresh_from_db()
    assert (account.email, account.is_active) == ("mo@example.org", is_active)
    assert account.check_password(PASSWORD)


def test_a_superuser_still_touches_them(client, root):
    account = by_role()
    assert client.post(change_url(account), form_of(account, display_name="Mo")).status_code == 302
    account.refresh_from_db()
    assert account.display_name == "Mo"


def test_a_superuser_cannot_lock_themself_out(client, root):
    client.post(change_url(root), {"email": root.email, "username": "captain"})
    root.refresh_from_db()
    assert (root.username, root.is_superuser, root.is_staff, root.is_active) == (
        "captain",
        True,
        True,
        True,
    )


@pytest.mark.parametrize("address", ["admin:users_user_change", "admin:auth_user_password_change"])
@pytest.mark.parametrize("make", [superuser, staff])
def test_a_clerk_changes_neither_fields_nor_password_of_other_staff(client, clerk, address, make):
    other = make("other")
    forged = form_of(
        other, email="mine@example.org", password1=NEW_PASSWORD, password2=NEW_PASSWORD
    )
    answer = client.post(reverse(address, args=[other.pk]), forged)
    assert answer.status_code == 403
    other.refresh_from_db()
    assert other.email == "other@example.org"
    assert other.check_password(PASSWORD)


def test_a_clerk_deletes_no_superuser_not_even_among_others(client, clerk):
    account, captain = person("ada"), superuser("captain")
    chosen = {
        "action": "delete_selected",
        "_selected_action": [account.pk, captain.pk],
        "post": "yes",
    }
    assert client.post(reverse("admin:users_user_changelist"), chosen).status_code == 403
    assert User.objects.filter(pk__in=[account.pk, captain.pk]).count() == 2


def test_a_superuser_gives_rights(client, root):
    account = person("ada")
    client.post(change_url(account), form_of(account, is_staff="on", role=Role.MODERATOR))
    account.refresh_from_db()
    assert (account.is_staff, account.role) == (True, "moderator")


def test_groups_are_for_superusers(client):
    client.force_login(staff("clerk", "auth.view_group", "auth.change_group", "auth.add_group"))
    assert client.get(reverse("admin:auth_group_changelist")).status_code == 403
    assert client.get(reverse("admin:auth_group_add")).status_code == 403


@pytest.mark.parametrize("spelling", ["{}", "0{}", " {}"])
def test_staff_change_the_own_password_only_where_the_old_one_is_asked_for(client, root, spelling):
    address = reverse("admin:auth_user_password_change", args=[spelling.format(root.pk)])
    answer = client.post(
        address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    )
    assert answer["location"] == "/accounts/password/change/"
    root.refresh_from_db()
    assert root.check_password(PASSWORD)


def test_the_list_of_accounts_never_filters_by_password(client, root):
    assert (
        client.get(
            reverse("admin:users_user_changelist"), {"password__startswith": "argon2"}
        ).status_code
        == 400
    )


def test_the_list_of_accounts_asks_the_same_number_of_queries_for_any_number(
    client, root, django_assert_max_num_queries
):
    for number in range(20):
        person(f"diver{number}")
    with django_assert_max_num_queries(5):
        answer = client.get(reverse("admin:users_user_changelist"), {"q": "diver"})
    assert answer.content.decode().count("diver19@example.org") == 1


def entries(action: str) -> list[tuple]:
    return list(
        AuditEntry.objects.filter(action=action).values_list("actor__username", "target", "details")
    )


def test_what_staff_do_to_accounts_is_logged(client, root):
    ada = person("ada")
    client.post(change_url(ada), form_of(ada, role="moderator"))
    client.post(change_url(ada), form_of(ada, role="moderator", is_staff="on"))
    client.post(change_url(ada), form_of(ada, role="moderator", is_staff="on", display_name="Ada"))
    passwords = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.post(reverse("admin:auth_user_password_change", args=[ada.pk]), passwords)
    client.post(reverse(ADD), addition())
    who = f"user:{ada.pk}"
    assert entries("role_changed") == [("root", who, {"fields": ["role"], "role": "moderator"})]
    assert entries("rights_changed") == [("root", who, {"fields": ["is_staff"]})]
    assert entries("account_changed") == [("root", who, {"fields": ["display_name"]})]
    assert entries("password_changed") == [("root", who, {})]
    assert entries("account_added")[0][1] == f"user:{User.objects.get(username='nemo').pk}"


def test_a_form_that_does_two_grave_things_is_logged_as_both(client, root):
    ada = person("ada")
    closed = form_of(ada, role="moderator")
    closed.pop("is_active")
    client.post(change_url(ada), closed)
    both = {"fields": ["role", "is_active"], "role": "moderator"}
    assert [entries(name) for name in ("role_changed", "account_closed", "account_changed")] == [
        [("root", f"user:{ada.pk}", both)], [("root", f"user:{ada.pk}", both)], [],
    ]  # fmt: skip


def test_an_address_that_staff_write_is_its_owner_s_to_prove(client, clerk, mailoutbox):
    ada = person("ada")
    client.post(change_url(ada), form_of(ada, email="ada@new.example"))
    ada.refresh_from_db()
    assert not ada.has_verified_email
    assert "not correct" in log_in(Client(), "ada@new.example").content.decode()


def test_staff_delete_an_account_with_all_that_hangs_on_it(client, clerk):
    ada = person("ada")
    RoleRequest.objects.create(
        user=ada, institution="NIOZ", orcid="0000-0002-1825-0097", reason="whelks"
    )
    client.post(reverse("admin:users_user_delete", args=[ada.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=ada.pk).exists()
    assert entries("account_deleted")[0][:2] == ("clerk", f"user:{ada.pk}")


def test_clerks_delete_no_staff_with_the_list_s_action_either(client, clerk):
    root = superuser()
    doomed = {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"}
    client.post(reverse("admin:users_user_changelist"), doomed)
    assert User.objects.filter(pk=root.pk).exists()


def test_a_role_s_permissions_are_changed_in_its_group_and_logged(client, root):
    group = Group.objects.get_or_create(name="researcher")[0]
    view = Permission.objects.get(content_type__app_label="species", codename="view_dataset")
    client.post(
        reverse("admin:auth_group_change", args=[group.pk]),
        {"name": "researcher", "permissions": [view.pk]},
    )
    assert person("rhea", role="researcher").has_perm("species.view_dataset")
    assert entries("rights_changed") == [
        ("root", "group:researcher", {"permissions": ["species.view_dataset"]})
    ]


def test_the_admin_s_own_password_page_leads_to_the_portal_s_and_its_log_out_logs_out(client, root):
    assert client.get(reverse("admin:password_change"))["location"] == "/accounts/password/change/"
    client.post(reverse("admin:logout"))
    assert client.get("/admin/").status_code == 302
    assert entries("log_out")
