"""Selections that the map's address holds beside its own."""

from urllib.parse import quote

import pytest

from tests import factories
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


def test_each_is_put_into_words_beside_the_pages_own(client):
    cod, sunfish = factories.taxon("Gadus morhua"), factories.taxon("Mola mola")
    query = f"taxon={cod.pk}&compare={quote(f'taxon={sunfish.pk}&depth=0,50')}"
    page = squeezed(client.get(f"/?{query}").content.decode())
    assert 'data-selection-words="Gadus morhua"' in page
    assert (
        f'data-query="taxon={sunfish.pk}&amp;depth=0,50" data-selection-words="Mola mola, 0 to 50 m"'
        in page
    )


@pytest.mark.parametrize(
    "query", ["compare=colour%3Dred", "compare=taxon%3Dnobody", "compare=&compare=&compare="]
)
def test_one_that_is_no_question_is_refused_with_a_reason(client, query):
    response = client.get(f"/?{query}")
    assert response.status_code == 400
    assert "Compare:" in response.content.decode()
