"""How somebody becomes a researcher: asked for, decided by somebody else, mailed, logged."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from tests.users.people import person, staff, superuser
from users.models import AuditEntry, RoleRequest, User

pytestmark = pytest.mark.django_db
ASK, WITHDRAW, LIST = "/accounts/role/", "/accounts/role/withdraw/", "/moderation/requests/"
FORM = {
    "institution": "NIOZ",
    "orcid": "https://orcid.org/0000-0002-1825-0097",
    "reason": "I curate whelks.",
}
GRANT = {"decision": "granted", "note": "Welcome aboard"}


@pytest.fixture
def moderator():
    client = Client()
    client.user = person("mo", role="moderator")
    client.force_login(client.user)
    return client


@pytest.fixture
def asked(client, ada) -> RoleRequest:
    client.post(ASK, FORM)
    return ada.role_requests.get()


def detail(asked) -> str:
    return f"{LIST}{asked.pk}/"


def test_a_request_is_granted_mailed_and_logged(client, asked, moderator, mailoutbox):
    assert asked.orcid == "0000-0002-1825-0097"
    assert f'href="{detail(asked)}"' in moderator.get(LIST).content.decode()
    assert "I curate whelks." in moderator.get(detail(asked)).content.decode()
    assert moderator.post(detail(asked), GRANT)["location"] == LIST
    ada = User.objects.get(username="ada")
    assert ada.role == "researcher"
    (mail,) = mailoutbox
    assert mail.to == ["ada@example.org"]
    assert "You are now Researcher" in mail.body
    assert "Welcome aboard" in mail.body
    told = (
        AuditEntry.objects.filter(actor=moderator.user)
        .order_by("pk")
        .values_list("action", "target")
    )
    assert list(told) == [("role_changed", f"user:{ada.pk}"), ("role_decided", f"user:{ada.pk}")]
    assert client.get(ASK).status_code == 302  # the log-in under the old role has ended


def test_a_refusal_leaves_the_role_and_says_why(client, asked, moderator, mailoutbox):
    moderator.post(detail(asked), {"decision": "refused", "note": "Which institution is that?"})
    assert User.objects.get(username="ada").role == "observer"
    assert "Which institution is that?" in mailoutbox[0].body
    text = client.get(ASK).content.decode()
    assert "Which institution is that?" in text
    assert "Become a researcher" in text  # may ask again


def test_a_request_is_decided_once_whoever_comes_first(client, asked, moderator):
    moderator.post(detail(asked), GRANT)
    text = moderator.post(detail(asked), {"decision": "refused", "note": "No"}).content.decode()
    assert "This request has already been decided." in text
    assert User.objects.get(username="ada").role == "researcher"


def test_one_request_waits_at_a_time_and_can_be_withdrawn(client, asked):
    assert "is still pending" in client.post(ASK, FORM).content.decode()
    client.post(WITHDRAW)
    assert not RoleRequest.objects.exists()
    client.post(WITHDRAW)  # a second click
    assert client.post(ASK, FORM).status_code == 302


def test_a_decided_request_is_not_withdrawn(client, asked, moderator):
    moderator.post(detail(asked), {"decision": "refused", "note": "No"})
    client.post(WITHDRAW)
    assert RoleRequest.objects.count() == 1


def test_a_researcher_has_nothing_to_ask_for(client):
    client.force_login(person("rhea", role="researcher"))
    assert "Become a researcher" not in client.get(ASK).content.decode()
    assert "You are already a researcher" in client.post(ASK, FORM).content.decode()


def test_the_page_says_what_a_role_brings_from_the_permissions_of_its_group(client, ada, moderator):
    text = client.get(ASK).content.decode()
    assert "Researcher is a badge" in text
    assert "adds no extra rights" in text
    Group.objects.get_or_create(name="researcher")[0].permissions.add(
        Permission.objects.get(codename="view_dataset")
    )
    text = client.get(ASK).content.decode()
    assert "As a Researcher, you can also" in text
    assert "<li>Can view dataset</li>" in text
    assert "recognition" not in text
    text = moderator.get(ASK, headers={"Accept-Language": "de"}).content.decode()
    assert "<li>Darf Anfragen nach einer Rolle entscheiden</li>" in text


@pytest.mark.parametrize(
    "form",
    [
        {"orcid": "0000-0002-1825-0098"},
        {"orcid": "x" * 61},
        {"institution": ""},
        {"institution": "a\x00"},
        {"reason": "x" * 2_001},
        {"reason": ""},
    ],
)
def test_a_request_that_makes_no_sense_is_not_sent(client, ada, form):
    assert client.post(ASK, FORM | form).status_code == 200
    assert not RoleRequest.objects.exists()


def test_a_forged_request_decides_nothing(client, ada):
    other = person("bob")
    forged = {
        "role": "moderator",
        "decision": "granted",
        "note": "ok",
        "user": other.pk,
        "decided_by": other.pk,
    }
    client.post(ASK, FORM | forged)
    asked = RoleRequest.objects.get()
    assert (asked.user, asked.role, asked.decision, asked.decided_by) == (
        ada,
        "researcher",
        "",
        None,
    )


def test_nobody_decides_an_own_request(moderator):
    User.objects.filter(pk=moderator.user.pk).update(role="observer", is_staff=True)
    own = RoleRequest.objects.create(
        user=moderator.user, institution="NIOZ", orcid="0000-0002-1825-0097", reason="w"
    )
    User.objects.filter(pk=moderator.user.pk).update(role="moderator")
    moderator.force_login(User.objects.get(pk=moderator.user.pk))
    assert detail(own) not in moderator.get(LIST).content.decode()
    assert moderator.post(detail(own), GRANT).status_code == 404
    own.refresh_from_db()
    assert own.is_open


@pytest.mark.parametrize(
    ("who", "status"),
    [("observer", 403), ("researcher", 403), ("clerk", 403), ("root", 200), ("nobody", 302)],
)
def test_only_who_may_decide_sees_requests(asked, who, status):
    visitor = Client()
    people = {"clerk": staff, "root": superuser}
    if who != "nobody":
        visitor.force_login(people[who]() if who in people else person(who, role=who))
    assert visitor.get(LIST).status_code == status
    assert visitor.get(detail(asked)).status_code == status
    if status != 200:
        assert visitor.post(detail(asked), GRANT).status_code == status
        asked.refresh_from_db()
        assert asked.is_open


@pytest.mark.parametrize(
    "form", [{}, {"decision": "granted"}, {"decision": "x", "note": "y"}, GRANT | {"note": "\x00"}]
)
def test_a_decision_needs_a_note(asked, moderator, form):
    assert moderator.post(detail(asked), form).status_code == 200
    asked.refresh_from_db()
    assert asked.is_open


def test_a_request_that_is_not_there_is_not_found(moderator):
    assert moderator.get(f"{LIST}999/").status_code == 404
    assert moderator.get(f"{LIST}99999999999999999999999/").status_code == 404
    assert moderator.get(f"{LIST}?page=x").status_code == 200


def test_a_decision_without_the_csrf_token_is_refused(asked, moderator):
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(moderator.user)
    assert forger.post(detail(asked), GRANT).status_code == 403


def test_the_list_asks_the_database_a_fixed_number_of_questions(
    moderator, django_assert_num_queries
):
    for n in range(8):
        RoleRequest.objects.create(
            user=person(f"p{n}"), institution="NIOZ", orcid="0000-0002-1825-0097", reason="whelks"
        )
    moderator.get(LIST)
    with django_assert_num_queries(
        7
    ):  # session, account, own and role's rights, those that wait, those decided, their number
        moderator.get(LIST)
