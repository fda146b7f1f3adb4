"""The search for a taxon: options for the box, a page of links without JavaScript."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/suggest/"


@pytest.fixture
def cod():
    return factories.taxon("Gadus morhua", observation_count=1_234)


def test_the_box_gets_options_and_nothing_else(client, cod):
    response = client.get(ADDRESS, {"q": "gadus"}, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert text.strip().startswith("<li")
    assert f'data-taxon="{cod.pk}"' in text
    assert "1,234 records" in text
    assert response["Cache-Control"] == "private, max-age=300"


def test_without_javascript_a_page_of_links_keeps_the_other_conditions(client, cod):
    text = client.get(
        ADDRESS, {"q": "gadus", "keep": "taxon=5&q=x&depth=0,50&map=1/2/3"}
    ).content.decode()
    assert f'href="/?depth=0,50&amp;taxon={cod.pk}"' in text


def test_a_name_that_nobody_has_is_said_to_be_none(client, cod):
    assert (
        "No species or group matches “xyzzy”."
        in client.get(ADDRESS, {"q": "xyzzy"}).content.decode()
    )


def test_what_is_no_name_is_refused_with_a_reason(client):
    response = client.get(ADDRESS, {"q": "x" * 151})
    assert response.status_code == 400
    assert "at most 150 characters" in response.content.decode()


def test_names_are_text_never_markup(client):
    factories.taxon("<b>Gadus</b> morhua")
    assert "<b>Gadus" not in client.get(ADDRESS, {"q": "<b>gad"}).content.decode()
