"""Every spelling of a licence seen so far is read, and nothing unclear is ever taken for open."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.refresh.licences import effective_license, normalise_license
from species.terms import License

NORMS = "http://www.canadensys.net/norms"
GOVERNMENT = "http://data.gc.ca/eng/open-government-licence-canada"

SPELLINGS = {
    License.CC0: [
        "CC0", "cc0", "CC0-1.0", "CC0_1_0", "CC0 1.0", "cczero", "CC-0", "CC Zero",
        "https://creativecommons.org/publicdomain/zero/1.0", "http://creativecommons.org/publicdomain/zero/1.0/",
        "http://creativecommons.org/publicdomain/zero/1.0/legalcode",
        f"http://creativecommons.org/publicdomain/zero/1.0/ & {NORMS}",
        "To the extent possible under law, the publisher has waived all rights to these data and has dedicated them to "
        "the                  Public Domain (CC0 1.0)",
        "Dans la mesure du possible, l'éditeur renonce à tous ses droits : domaine public (CC0 1.0)",
    ],
    License.CC_BY: [
        "CC-BY", "ccby", "CC BY 4.0", "CC-BY-4.0", "CC_BY_4_0", "(CC-BY) 4.0", "cc-by", "CC BY",
        "http://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by/4.0/",
        "http://creativecommons.org/licenses/by/4.0/legalcode", "https://creativecommons.org/licenses/by/4.0/legalcode",
        "This work is licensed under a  Creative Commons Attribution (CC-BY) 4.0 License",
        "Esta obra está bajo una licencia Creative Commons Atribución 4.0 Internacional",
        "Licencia Creative Commons Reconocimiento 4.0",
        "Ce travail est sous licence Creative Commons Attribution 4.0",
    ],
    License.CC_BY_NC: [
        "(CC-BY NC) 4.0", "CC BY-NC 4.0", "CC_BY_NC_4_0", "cc-by-nc", "ccbync", "CC BY NC",
        "http://creativecommons.org/licenses/by-nc/4.0/", "http://creativecommons.org/licenses/by-nc/4.0/legalcode",
        "This work is licensed under a  Creative Commons Attribution Non Commercial (CC-BY-NC) 4.0 License",
        "This work is licensed under a  Creative Commons Attribution Non Commercial (CC-BY-NC 4.0) License",
        "Creative Commons Attribution - Pas d'Utilisation Commerciale 4.0 International",
        "Licencia Creative Commons Atribución-NoComercial 4.0",
        "CC0 for the names, CC BY-NC for the rest",
    ],
    License.OTHER: [
        "https://creativecommons.org/licenses/by-sa/4.0", "http://creativecommons.org/licenses/by-nc-nd/4.0/",
        "CC BY-SA 4.0", "CC-BY-NC-SA", "ccbyncsa", "Creative Commons Attribution Share Alike",
        "http://creativecommons.org/licenses/nc/1.0/",
        GOVERNMENT, f"{GOVERNMENT} & {NORMS}", f"'{GOVERNMENT} & {NORMS}'",
        "The data may be used and redistributed for free but is not intended for legal use, since it may contain "
        "inaccuracies. Neither the data Contributor, ERD, NOAA, nor the United States Government, makes any warranty",
        "Unrestricted", "Restricted", "Licence", "public domain", "Not for commercial use", "Ask by e-mail",
    ],
    License.UNKNOWN: [None, "", "  ", "NA", "NULL", "unknown", '""', "Not specified"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "license"), [(text, license) for license, texts in SPELLINGS.items() for text in texts]
)
def test_each_spelling_is_read(text, license):
    assert normalise_license(text) == license


def test_the_stricter_of_record_and_dataset_holds_and_silence_does_not_count():
    in_order = [License.CC0, License.CC_BY, License.CC_BY_NC, License.OTHER]
    for record, dataset in product(in_order, repeat=2):
        assert effective_license(record, dataset) == max(record, dataset, key=in_order.index)
    for stated in in_order:
        assert effective_license(stated, License.UNKNOWN) == effective_license(License.UNKNOWN, stated) == stated
    assert effective_license(License.UNKNOWN, License.UNKNOWN) == License.UNKNOWN


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_no_text_raises(text):
    assert normalise_license(text) in License
