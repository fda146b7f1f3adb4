"""Every spelling of a licence seen so far is read, and nothing unclear is ever taken for open."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.refresh.clean.licences import normalise_license, read_license
from species.refresh.write.licences import effective_license
from species.terms import License

NORMS = "http://www.canadensys.net/norms"
GOVERNMENT = "http://data.gc.ca/eng/open-government-licence-canada"
WAIVER = (
    "To the extent possible under law, the publisher has waived all rights to these data "
    "and has dedicated them to the "
)
IPT = "This work is licensed under a  Creative Commons Attribution"
NOAA = (
    "The data may be used and redistributed for free but is not intended for legal use, since it may contain "
    "inaccuracies. Neither the data Contributor, ERD, NOAA, nor the United States Government, nor any of their "
    "employees or contractors, makes any warranty, express or implied, including warranties of merchantability and "
    "fitness for a particular purpose, or assumes any legal liability for the accuracy, completeness, or usefulness, "
    "of this information."
)

# Each distinct text of records and datasets that OBIS has served so far, with the class that it
# always had.
SERVED = {
    License.CC0: [
        "CC0", "CC0-1.0", "CC0_1_0", "cczero", "https://creativecommons.org/publicdomain/zero/1.0",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "http://creativecommons.org/publicdomain/zero/1.0/legalcode",
        f"http://creativecommons.org/publicdomain/zero/1.0/ & {NORMS}",
        f"{WAIVER}                 Public Domain (CC0 1.0)", f"{WAIVER} Public Domain (CC0 1.0)",
    ],
    License.CC_BY: [
        "CC-BY", "CC-BY-4.0", "CC BY 4.0", "CC_BY_4_0", "ccby", f"{IPT} (CC-BY) 4.0 License",
        "http://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/licenses/by/4.0/legalcode",
        "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by/4.0/legalcode",
    ],
    License.CC_BY_NC: [
        "(CC-BY NC) 4.0", "http://creativecommons.org/licenses/by-nc/4.0/",
        f"{IPT} Non Commercial (CC-BY-NC 4.0) License", f"{IPT} Non Commercial (CC-BY-NC) 4.0 License",
    ],
    License.OTHER: [
        "https://creativecommons.org/licenses/by-sa/4.0", "Licence", "Restricted", "Unrestricted", NOAA,
        GOVERNMENT, f"{GOVERNMENT} & {NORMS}", f"'{GOVERNMENT} & {NORMS}'",
    ],
    License.UNKNOWN: [None, ""],
}  # fmt: skip

# The URI says which version, where the text does.
URIS = {
    "CC0": "publicdomain/zero/1.0/",
    "http://creativecommons.org/publicdomain/zero/1.0/legalcode": "publicdomain/zero/1.0/",
    WAIVER + "Public Domain": "publicdomain/zero/1.0/",
    "To the extent possible under law, the person who associated CC0 with this work has waived all copyright and "
    "related or neighboring rights to this work.": "publicdomain/zero/1.0/",
    WAIVER
    + "Public Domain (CC0 1.0). Users may copy, modify, distribute and use the work, including for commercial "
    "purposes, without restriction.": "publicdomain/zero/1.0/",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "publicdomain/zero/1.0/",
    "CC0 (no rights reserved)": "publicdomain/zero/1.0/",
    "CC BY": "",
    "CC BY 4": "licenses/by/4.0/",
    "CC-BY-3.0": "licenses/by/3.0/",
    "CC BY 2.5": "licenses/by/2.5/",
    "CC_BY_NC_4_0": "licenses/by-nc/4.0/",
    "CC BY 3.0 AU": "licenses/by/3.0/au/",
    "Creative Commons Attribution 3.0 Australia": "licenses/by/3.0/au/",
    "https://spdx.org/licenses/CC-BY-4.0": "licenses/by/4.0/",
    "HTTP://WWW.CREATIVECOMMONS.ORG/LICENSES/BY/4.0": "licenses/by/4.0/",
    "creativecommons.org/licenses/by/4.0/": "licenses/by/4.0/",
    "https://creativecommons.org/licenses/by/4.0/deed.de": "licenses/by/4.0/",
    "https://creativecommons.org/licenses/by/4.0/deed.pt_BR": "licenses/by/4.0/",
    "https://creativecommons.org/licenses/by/4.0/?ref=chooser-v1": "licenses/by/4.0/",
    "http://creativecommons.org/licenses/by/3.0/us/": "licenses/by/3.0/us/",
    "http://creativecommons.org/licenses/by/3.0/igo/legalcode": "licenses/by/3.0/igo/",
    "This work is licensed under a Creative Commons Attribution 4.0 International License. To view a copy of this "
    "license, visit http://creativecommons.org/licenses/by/4.0/ or send a letter to Creative Commons, PO Box 1866, "
    "Mountain View, CA 94042, USA.": "licenses/by/4.0/",
    'This work is licensed under a <ulink url="http://creativecommons.org/licenses/by/4.0/legalcode"><citetitle>'
    "Creative Commons Attribution (CC-BY) 4.0 License</citetitle></ulink>.": "licenses/by/4.0/",
    "Attribution 4.0 International (CC BY 4.0)": "licenses/by/4.0/",
    "Namensnennung 4.0 International (CC BY 4.0)": "licenses/by/4.0/",
    "Creative Commons Attribution 4.0 International Public License": "licenses/by/4.0/",
    "https://creativecommons.org/licenses/by-sa/4.0": "licenses/by-sa/4.0/",
    "Creative Commons Attribution-NonCommercial-ShareAlike 3.0 Unported": "licenses/by-nc-sa/3.0/",
    "CC BY-ND 4.0": "licenses/by-nd/4.0/",
    "https://creativecommons.org/publicdomain/mark/1.0/": "publicdomain/mark/1.0/",
    "Restricted": "",
}

# Read as CC0 or CC BY until the whole text had to name one licence, or signs that could as well
# hide a restriction.
NOT_OPEN = [
    "not CC0, all rights reserved", "Free for non-commercial use. Metadata CC0", "CC-BY, no commercial use",
    "CC-BY-4.0-NC", "embargoed until 2030; CC0 afterwards", "http://opendatacommons.org/licenses/by/1.0/",
    "https://opendatacommons.org/licenses/by/1-0/", "ODC-BY 1.0", "ODC Attribution License", "Metadata: CC0",
    "CC0 for the names, CC BY-NC for the rest", "CC0 or CC BY", "CC BY 3.0, CC BY 4.0", "CC0 from 2030",
    "CC BY, uso no comercial", "CC BY solo uso non commerciale", "no es CC0",
    "CC0 for research only", "CC0?", "CC0*", "!CC0", "≠ CC0", "CC0¹",
    "C̶C̶0̶", "CC BY 非商业", "CC BY только для науки", "cc by mail", "CC BY 5.0", "CC0 4.0", "CC BY 4.0 Australia",
    "https://creativecommons.org/licenses/by/4.0/nc", "https://creativecommons.org/licenses/by/4.0/legalcode.nd",
    "https://creativecommons.org.example.org/licenses/by/4.0/",
    "https://example.org/creativecommons.org/licenses/by/4.0/",
    "https://creativecommons.org/licenses/by/4.0/#not", "CC0 provided that you ask", "CC0, see terms",
    "CC BY 4.0 NonCommercial", "No rights reserved", "CC BY 4.0 public domain", "CC BY public", "was CC0",
    "CC-BY-NC-CC0",
    "CC-BY ODbL", "CC0\u200b", "CC0 " + "CC0 " * 1_000,
]  # fmt: skip

SPELLINGS = {
    License.CC0: [
        "cc0", "CC0 1.0", "CC-0", "CC Zero", "http://creativecommons.org/publicdomain/zero/1.0/", "\uff23\uff23\uff10",
        "Dans la mesure du possible, l'éditeur renonce à tous ses droits : domaine public (CC0 1.0)",
    ],
    License.CC_BY: [
        "(CC-BY) 4.0", "cc-by", "CC BY", "CC\xa0BY",
        "Esta obra está bajo una licencia Creative Commons Atribución 4.0 Internacional",
        "Licencia Creative Commons Reconocimiento 4.0",
        "Ce travail est sous licence Creative Commons Attribution 4.0",
    ],
    License.CC_BY_NC: [
        "CC BY-NC 4.0", "CC_BY_NC_4_0", "cc-by-nc", "ccbync", "CC BY NC",
        "CC BY (nicht kommerziell)", "CC BY, pas d'utilisation commerciale",
        "http://creativecommons.org/licenses/by-nc/4.0/legalcode",
        "Creative Commons Attribution - Pas d'Utilisation Commerciale 4.0 International",
        "Licencia Creative Commons Atribución-NoComercial 4.0",
    ],
    License.OTHER: [
        "http://creativecommons.org/licenses/by-nc-nd/4.0/", "CC BY-SA 4.0", "CC-BY-NC-SA", "ccbyncsa",
        "Creative Commons Attribution Share Alike", "http://creativecommons.org/licenses/nc/1.0/",
        "public domain", "Not for commercial use", "Ask by e-mail", *NOT_OPEN,
    ],
    License.UNKNOWN: ["  ", "NA", "NULL", "unknown", '""', "Not specified"],
}  # fmt: skip

RESTRICTING = [
    "not", "no", "except", "only", "until 2030", "embargoed", "non-commercial", "NC", "ND", "SA", "nicht kommerziell",
    "no comercial", "non commerciale", "pas d'utilisation commerciale", "all rights reserved", "metadata", "CC BY-NC",
    "ODbL", "research", "partly", "non", "ohne", "sans", "sauf", "salvo", "?", "≠", "2030", "非商业", "не",
]  # fmt: skip
OPEN = [
    text
    for table in (SERVED, SPELLINGS)
    for kind in (License.CC0, License.CC_BY)
    for text in table[kind]
]


@pytest.mark.parametrize(
    ("text", "license"),
    [
        (text, license)
        for table in (SERVED, SPELLINGS)
        for license, texts in table.items()
        for text in texts
    ],
)
def test_each_spelling_is_read(text, license):
    assert normalise_license(text) == license


@pytest.mark.parametrize(("text", "path"), URIS.items())
def test_the_uri_names_the_version_that_the_text_names_and_no_other(text, path):
    assert read_license(text).uri == (f"https://creativecommons.org/{path}" if path else "")


@given(st.sampled_from(OPEN), st.sampled_from(RESTRICTING), st.data())
def test_an_open_text_with_a_restricting_word_anywhere_is_never_open(text, word, data):
    at = data.draw(st.integers(0, len(text)))
    assert normalise_license(f"{text[:at]} {word} {text[at:]}") not in (License.CC0, License.CC_BY)


@given(st.sampled_from(OPEN), st.text(min_size=1, max_size=20), st.booleans())
def test_other_text_beside_a_naming_never_makes_it_another_open_licence(text, other, is_before):
    both = f"{other} {text}" if is_before else f"{text} {other}"
    assert normalise_license(both) in (normalise_license(text), License.OTHER, License.CC_BY_NC)


@given(
    st.sampled_from(
        [text for texts in (*SERVED.values(), *SPELLINGS.values()) for text in texts if text]
    )
)
def test_case_and_spaces_around_it_do_not_matter(text):
    assert (
        normalise_license(f"  {text.upper()}\n")
        == normalise_license(text.lower())
        == normalise_license(text)
    )


@pytest.mark.parametrize(
    "text", ["CC BY " * 25_000, "creativecommons.org/" * 7_000, "CC-" * 50_000, "(" * 150_000]
)
def test_a_text_too_long_to_be_a_licences_name_is_other_without_being_searched(text):
    assert normalise_license(text) == License.OTHER


def test_the_stricter_of_record_and_dataset_holds_and_silence_does_not_count():
    in_order = [License.CC0, License.CC_BY, License.CC_BY_NC, License.OTHER]
    for record, dataset in product(in_order, repeat=2):
        assert effective_license(record, dataset) == max(record, dataset, key=in_order.index)
    for stated in in_order:
        assert (
            effective_license(stated, License.UNKNOWN)
            == effective_license(License.UNKNOWN, stated)
            == stated
        )
    assert effective_license(License.UNKNOWN, License.UNKNOWN) == License.UNKNOWN


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_no_text_raises(text):
    assert normalise_license(text) in License


WAIVER = (
    "To the extent possible under law, the publisher has waived all rights to these data "
    "and has dedicated them to the"
)
USERS = "Users may copy, modify, distribute and use the work, including for commercial purposes, without restriction."
CC0_DEED = "http://creativecommons.org/publicdomain/zero/1.0/legalcode"


@pytest.mark.parametrize(
    "link",
    [
        f'<a href="{CC0_DEED}">Public Domain (CC0 1.0)</a>',
        f"<a href='{CC0_DEED}'>Public Domain (CC0 1.0)</a>",
        f'<ulink url="{CC0_DEED}"><citetitle>Public Domain (CC0 1.0)</citetitle></ulink>',
    ],
)
def test_the_waiver_of_gbif_counts_with_the_markup_that_datasets_publish(link):
    assert normalise_license(f"{WAIVER} {link}. {USERS}") == License.CC0
    assert normalise_license(f"<para>{WAIVER} {link}. {USERS}</para>") == License.CC0


def test_an_attribute_of_a_link_hides_no_restriction():
    link = f'<a href="{CC0_DEED}" title="no commercial use">Public Domain (CC0 1.0)</a>'
    assert normalise_license(f"{WAIVER} {link}. {USERS}") == License.OTHER


@pytest.mark.parametrize(
    "text", ["CC-BY4.0", "CCBY4.0", "https://spdx.org/licenses/CC-BY-4.0.html"]
)
def test_a_version_beside_the_name_needs_no_space(text):
    assert read_license(text) == (License.CC_BY, "https://creativecommons.org/licenses/by/4.0/")


@pytest.mark.parametrize("text", ["CC-BY4.0NC", "CC-BY40", "CC01.0x", "CC-BYNC4.0 maybe"])
def test_what_follows_a_version_without_a_space_still_counts(text):
    assert normalise_license(text) == License.OTHER
