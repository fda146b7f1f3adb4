"""Options come from a shell, a form or a queue: whatever is given, they are sound or refused in a
sentence.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.refresh.options import BadOptions, Options
from tests.species import hostile

TODAY = date(2026, 3, 31)
anything = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.floats()
    | st.lists(st.text(), max_size=2)
)
names = st.sampled_from(["mode", "by", "start_date", "end_date", "pages", "page_size", "taxon_ids", "dataset_ids",
                         "geometry", "accept", "no such option"])  # fmt: skip


@given(st.dictionaries(names, anything, max_size=4))
def test_whatever_is_given_is_sound_or_refused_in_a_sentence(given_options):
    try:
        options = Options.from_dict(given_options, TODAY)
    except BadOptions as error:
        assert str(error).endswith(".")
    else:
        assert 1 <= options.page_size <= 10_000
        assert Options.from_dict(options.to_dict(), TODAY) == options


def test_an_incremental_run_without_dates_looks_back_over_the_last_month():
    options = Options.from_dict({}, TODAY)
    assert (options.mode, options.start_date, options.end_date) == (
        "incremental",
        date(2026, 2, 28),
        TODAY,
    )


def test_lists_may_be_repeated_or_have_commas():
    options = Options.from_dict({"taxon_ids": ["3, 2", "2"]}, TODAY)
    assert options.scope_parameters() == {"taxonid": "2,3"}


@pytest.mark.parametrize(
    "written",
    [
        "POLYGON((0 0,1 0,1 1,0 0))",
        "  polygon (( 0 0, 1 0, 1 1, 0 0 ))",
        "SRID=4326;POLYGON((0 0,1 0,1 1,0 0))",
    ],
)
def test_one_place_is_one_scope_however_it_is_written(written):
    assert (
        Options.from_dict({"geometry": written}, TODAY).geometry == "POLYGON ((0 0, 1 0, 1 1, 0 0))"
    )


@pytest.mark.parametrize(
    "written",
    [
        '{"type":"Point","coordinates":[1,2]}',
        "0101000000000000000000F03F0000000000000040",
        "GEOMETRYCOLLECTION(" * 70,
        "POINT(nan nan)",
        "POINT(1 2 3)",
        "SRID=3857;POINT(1 2)",
        "POLYGON((0 0,1 0,1 1,0 0))\0",
    ],
)
def test_a_geometry_is_one_place_in_wkt_and_nothing_else_that_a_library_reads(written):
    with pytest.raises(BadOptions, match="geometry must"):
        Options.from_dict({"geometry": written}, TODAY)


@given(st.one_of(hostile.wkt(), hostile.geojson()))
def test_any_text_is_a_geometry_or_refused_in_a_sentence(text):
    try:
        options = Options.from_dict({"geometry": text}, TODAY)
    except BadOptions as error:
        assert str(error).endswith(".") or len(text) > 1_500
    else:
        assert Options.from_dict({"geometry": options.geometry}, TODAY) == options


def test_a_part_is_told_from_the_whole():
    assert not Options.from_dict({"mode": "full"}, TODAY).is_one_off
    for part in ({"taxon_ids": "2"}, {"geometry": "POINT(1 2)"}, {"by": "event"}):
        assert Options.from_dict(part, TODAY).is_one_off


def test_a_taxon_is_named_by_its_number_its_lsid_or_its_page_at_worms():
    given = [
        "urn:lsid:marinespecies.org:taxname:3",
        "https://www.marinespecies.org/aphia.php?p=taxdetails&id=2",
    ]
    assert Options.from_dict({"taxon_ids": given}, TODAY).scope_parameters() == {"taxonid": "2,3"}
