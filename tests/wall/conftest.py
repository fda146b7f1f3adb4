"""The world behind the wall: one record with its taxon and dataset, every kind of person, and what
is Ada's own.
"""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from species.models import SavedSelection
from tests import factories
from tests.users.people import person, staff, superuser
from tests.wall.endpoints import HASH, TABLE, Endpoint
from users.models import PersonalAccessToken, RoleRequest, User


@pytest.fixture
def people(db) -> dict[str, User]:
    return {
        "ada": person("ada"),
        "stranger": person("eve"),
        "researcher": person("rhea", role="researcher"),
        "moderator": person("mo", role="moderator"),
        "staff": staff(),
        "superuser": superuser(),
        "keeper": person("keeper"),  # of a passkey
    }


@pytest.fixture
def world(people) -> dict[str, str]:
    """What the addresses of the table are filled in with."""
    record, ada = factories.observation(taxon=factories.taxon("Gadus morhua")), people["ada"]
    SavedSelection.objects.create(owner=ada, hash=HASH, query="depth=0,50")
    asked = RoleRequest.objects.create(
        user=ada, institution="NIOZ", orcid="0000-0002-1825-0097", reason="whelks"
    )
    token, _ = PersonalAccessToken.issue(ada, "laptop", ["profile:read"])
    factor = Authenticator.objects.create(
        user=people["keeper"], type="webauthn", data={"name": "key"}
    )
    return {
        "record": str(record.key),
        "taxon": str(record.taxon_id),
        "dataset": str(record.dataset.uuid),
        "selection": HASH,
        "request": str(asked.pk),
        "token": str(token.key),
        "factor": str(factor.pk),
    }


@pytest.fixture
def portal(world) -> dict[str, Endpoint]:
    """The table with its addresses filled in."""
    return {name: one._replace(address=one.address.format(**world)) for name, one in TABLE.items()}


@pytest.fixture
def browser_of(people):
    """A browser in which this person is logged in; "" for nobody."""

    def browser(name: str, **options) -> Client:
        client = Client(**options)
        if name:
            client.force_login(people[name])
        return client

    return browser
