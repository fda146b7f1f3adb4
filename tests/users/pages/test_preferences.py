"""What a person prefers is how every page then reads: units, common names, language; and nobody
else's page.
"""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.users.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cod():
    taxon = factories.taxon("Gadus morhua")
    factories.vernacular(taxon, "kabeljauw", "nld")
    factories.vernacular(taxon, "Dorsch", "deu")
    return factories.observation(
        taxon=taxon,
        common_name="Atlantic cod",
        minimum_depth_in_meters=30.48,
        maximum_depth_in_meters=30.48,
        coordinate_uncertainty_in_meters=1_000,
        shore_distance=16_093,
    )


def pages_of(cod, **preferences: str) -> dict[str, str]:
    reader = Client()
    if preferences:
        reader.force_login(person("ada", **preferences))
    addresses = {
        "list": "/observations/?depth=0,50",
        "record": f"/observations/{cod.key}/",
        "card": f"/observations/{cod.key}/card/",
    }
    return {name: reader.get(address).content.decode() for name, address in addresses.items()}


def test_depths_and_distances_are_told_in_the_preferred_unit_on_every_page(cod):
    metric, imperial = pages_of(cod), pages_of(cod, units="imperial")
    assert ["30.48 m" in text for text in metric.values()] == [True] * 3
    assert ["100 ft" in text for text in imperial.values()] == [True] * 3
    assert [" m " in text or "30.48" in text for text in imperial.values()] == [False] * 3
    assert ("0 to 50 m" in metric["list"], "0 to 164 ft" in imperial["list"]) == (True, True)
    assert 'data-query="depth=0,50"' in imperial["list"]  # what is asked stays the same
    assert ("16,093 m" in metric["record"], "10 mi" in imperial["record"]) == (True, True)
    assert ("data-units" in metric["list"], 'data-units="imperial"' in imperial["list"]) == (
        False,
        True,
    )


def test_common_names_are_in_the_preferred_language_and_say_so(cod):
    for text in pages_of(cod).values():
        assert ("Atlantic cod" in text, "kabeljauw" in text) == (True, False)
    for text in pages_of(cod, vernacular_language="nld").values():
        assert ("Atlantic cod" in text, "kabeljauw (Dutch)" in text) == (False, True)


def test_a_german_page_has_german_names_and_of_what_has_none_the_portal_s(cod):
    wal = factories.observation(
        taxon=factories.taxon("Physeter macrocephalus"), common_name="sperm whale"
    )
    reader = Client(headers={"Accept-Language": "de"})
    text = reader.get("/observations/").content.decode()
    assert ("Dorsch<" in text, "sperm whale (Englisch)" in text) == (True, True)
    assert "sperm whale (Englisch)" in reader.get(f"/observations/{wal.key}/card/").content.decode()


def test_names_cost_one_question_however_many_rows(cod):
    reader = Client(headers={"Accept-Language": "de"})

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            reader.get("/observations/")
        return sum("species_vernacularname" in query["sql"] for query in queries)

    assert asked() == 1
    factories.observation(taxon=factories.taxon("Solea solea"))
    assert asked() == 1


def test_programs_get_metres_whoever_asks(cod):
    reader = Client()
    reader.force_login(person("ada", units="imperial"))
    asked, plain = (
        browser.get("/api/v1/observations/histogram/") for browser in (reader, Client())
    )
    assert (asked.status_code, asked.content) == (200, plain.content)
    assert b"10 m" in plain.content
