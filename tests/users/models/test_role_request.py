"""What the table of requests allows."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from tests.users.people import person
from users.models import Decision, RoleRequest, User

pytestmark = pytest.mark.django_db
FACTS = {
    "institution": "Marine Institute",
    "orcid": "0000-0002-1825-0097",
    "reason": "I curate whelks.",
}


def request_of(user) -> RoleRequest:
    return RoleRequest.objects.create(user=user, **FACTS)


def test_one_open_request_each_and_another_after_the_decision():
    ada, mo = person("ada"), person("mo", role="moderator")
    first = request_of(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        request_of(ada)
    first.decide(mo, Decision.REFUSED, "Which institution is it?")
    assert request_of(ada).is_open


def test_nobody_decides_an_own_request():
    mo = person("mo", role="moderator")
    own = request_of(mo)
    with pytest.raises(PermissionDenied):
        own.decide(mo, Decision.GRANTED, "Myself!")
    past_the_method = RoleRequest.objects.filter(pk=own.pk)
    facts = {"decision": "granted", "note": "Myself!", "decided_at": own.requested_at}
    with pytest.raises(IntegrityError), transaction.atomic():
        past_the_method.update(decided_by=mo, **facts)


def test_a_decision_stands_and_needs_a_note():
    ada, mo = person("ada"), person("mo", role="moderator")
    request = request_of(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        request_of(mo).decide(ada, Decision.GRANTED, "")
    request.decide(mo, Decision.GRANTED, "Welcome")
    with pytest.raises(ValidationError):
        request.decide(mo, Decision.REFUSED, "On second thoughts")


def test_a_decision_outlives_the_moderator_s_account():
    ada, mo = person("ada"), person("mo", role="moderator")
    request = request_of(ada)
    request.decide(mo, Decision.GRANTED, "Welcome")
    User.objects.get(pk=mo.pk).delete()
    request.refresh_from_db()
    assert (request.decision, request.decided_by) == ("granted", None)
