"""Which common name is shown: the one that records use most, where no editor chose."""

import pytest

from species.models import VernacularName
from species.refresh.taxonomy.apply_worms import apply_vernaculars
from species.refresh.taxonomy.vernaculars import count_names_used
from tests import factories

pytestmark = pytest.mark.django_db


def english(*names):
    return [{"vernacular": name, "language_code": "eng", "language": "English"} for name in names]


def chosen(taxon):
    return dict(VernacularName.objects.chosen("eng").values_list("taxon_id", "name")).get(taxon.pk)


def test_without_any_other_sign_the_alphabet_decides():
    sunfish = factories.taxon()
    apply_vernaculars(sunfish.pk, english("Trunkfish", "Ocean sunfish"))
    assert chosen(sunfish) == "Ocean sunfish"


def test_the_name_that_records_use_most_is_chosen_whatever_its_case():
    sunfish = factories.taxon()
    count_names_used(
        [(sunfish.pk, "trunkfish"), (sunfish.pk, "trunkfish "), (sunfish.pk, "Ocean sunfish")]
    )
    apply_vernaculars(sunfish.pk, english("Trunkfish", "Ocean sunfish"))
    assert chosen(sunfish) == "Trunkfish"


def test_an_editors_choice_beats_what_records_use():
    sunfish = factories.taxon()
    count_names_used([(sunfish.pk, "Trunkfish")])
    apply_vernaculars(sunfish.pk, english("Trunkfish", "Ocean sunfish"))
    VernacularName.objects.filter(taxon=sunfish, name="Ocean sunfish").update(is_preferred=True)
    assert chosen(sunfish) == "Ocean sunfish"


def test_what_is_no_name_is_not_counted():
    sunfish = factories.taxon()
    count_names_used(
        [(sunfish.pk, None), (sunfish.pk, "NA"), (sunfish.pk, "x" * 201), (sunfish.pk, "  ")]
    )
    assert not VernacularName.objects.exists()
