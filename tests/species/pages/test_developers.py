"""The page for developers: its calls are answered, its Python runs, its terms and rules are told."""

import html
import re

import pytest

from species.models import DataVersion
from species.pages.developers import calls
from tests import factories

PAGE = "/developers/"


def sample(page: str, name: str) -> str:
    return html.unescape(re.search(rf'<code id="sample-{name}">(.*?)</code>', page, re.DOTALL)[1])


@pytest.mark.django_db
def test_what_is_shown_asks_this_very_portal_about_a_species_that_it_holds(
    client, django_assert_max_num_queries
):
    factories.observation(
        taxon=factories.taxon("Phoca vitulina", aphia_id=137_084, observation_count=1)
    )
    with django_assert_max_num_queries(4):
        page = client.get(PAGE).content.decode()
    for name in ("curl", "python", "r", "gdal"):
        assert "http://testserver/" in sample(page, name)
    assert "taxon=137084" in sample(page, "curl")
    assert 'href="/accounts/me/tokens/"' in page
    for heading in ("Terms of use", "Versions", "Access tokens", "QGIS and GDAL"):
        assert f">{heading}</h2>" in page


@pytest.mark.django_db
def test_a_portal_that_holds_nothing_has_the_page_too(client):
    assert client.get(PAGE).status_code == 200


@pytest.mark.django_db
def test_each_call_is_answered_and_the_last_is_a_refusal(client):
    factories.observation(taxon=factories.taxon("Phoca vitulina"))
    statuses = [client.get(call.address).status_code for call in calls("from=2010")]
    assert statuses == [200] * (len(statuses) - 1) + [400]


@pytest.mark.django_db(transaction=True)
def test_the_python_of_the_page_reads_page_after_page(client, live_server, capsys):
    DataVersion.objects.get_or_create(pk=1)
    seal, dataset = (
        factories.taxon("Phoca vitulina", observation_count=5),
        factories.dataset("Soundings"),
    )
    for _ in range(5):
        factories.observation(taxon=seal, dataset=dataset)
    host = live_server.url.removeprefix("http://")
    program = sample(client.get(PAGE, headers={"Host": host}).content.decode(), "python")
    exec(program.replace("1000", "2"), {})
    assert capsys.readouterr().out == "5 observations of {'Soundings'}\n"


@pytest.mark.django_db
def test_the_menu_leads_here_and_the_foot_to_both_apis(client):
    page = client.get("/data/").content.decode()
    for address in (PAGE, "/api/v1/docs/", "/ogc/?f=html"):
        assert f'href="{address}"' in page
