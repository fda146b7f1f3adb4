"""What the pages print is read back as the same value, or refused; nothing is read as another
value.
"""

# ruff: noqa: RUF001 (such characters are the subject here)

from datetime import date
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.utils.translation import override
from hypothesis import example, given, settings
from hypothesis import strategies as st

from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.pages import words
from species.ranges import Bbox, Circle
from species.templatetags.charts import box_words
from species.terms import MAXIMUM_DEPTH, MAXIMUM_UNCERTAINTY, MINIMUM_DEPTH, DatePrecision
from users import units

LANGUAGES = st.sampled_from([code for code, _name in django_settings.LANGUAGES])
IMPERIAL = st.booleans()
FOOT, MILE = units.METRES_PER_FOOT, units.METRES_PER_MILE


def asked(**parameters: str) -> ObservationFilter:
    return ObservationFilter.from_query(parameters)


def read(name: str, text: str) -> ObservationFilter | None:
    """Return what a text means as a parameter, whatever the language of the reader; None where it
    is refused.
    """
    found = []
    for language, _name in django_settings.LANGUAGES:
        with override(language):
            try:
                found.append(asked(**{name: text}))
            except InvalidQuery as refusal:
                assert all(refusal.errors.values())
                found.append(None)
    assert found.count(found[0]) == len(found)
    return found[0]


def printed(question: ObservationFilter, language: str, imperial: bool = False) -> tuple[str, str]:
    with override(language), units.feet_if(lambda: imperial):
        [(name, text)] = question.phrases()
    return name, text


SAME = [
    *(("near", text, "53.3,-5.5,50") for text in (
        "53.3° N,5.5° W,50 km",
        "53.3°\N{NO-BREAK SPACE}N, 5.5°\N{NO-BREAK SPACE}W, 50",
        "53°18′ N, 5°30′ W, 50 km",
        "53° 18' 0\" N; 5° 30' W; 50",
        "N 53.3°, W 5.5°, 50 km",
        "53,3° N, 5,5° W, 50 km",
        "53,3; -5,5; 50",
        "５３.３° N，５.５° W，５０",
        "within 50 km of 53.3° N, 5.5° W",
        "im Umkreis von 50 km um 53,3° N, 5,5° W",
        "53.3, -5.5, 50000 m",
    )),
    ("near", "\N{MINUS SIGN}17.5,178,50", "-17.5,178,50"),
    ("near", "17,5° S, 178° O, 0,5 km", "-17.5,178,0.5"),
    ("near", "17°30′36″ S, 178° E, 50", "-17.51,178,50"),
    ("near", "im Umkreis von 1.000 km um 53,3° N, 5,5° W", "53.3,-5.5,1000"),
    ("near", "within 1,000 km of 53.3° N, 5.5° W", "53.3,-5.5,1000"),
    ("bbox", "\N{MINUS SIGN}10°,35,5,45", "-10,35,5,45"),
    ("bbox", "10° W,35° N,5° E,45° N", "-10,35,5,45"),
    ("bbox", "10,5° W, 35° N, 5° O, 45° N", "-10.5,35,5,45"),
    ("bbox", "10° W to 5° E, 35° N to 45° N", "-10,35,5,45"),
    ("bbox", "longitude -10° to 5° and latitude 35° to 45°", "-10,35,5,45"),
    *(("depth", text, "0,50") for text in (
        "0\N{EN DASH}50", "0 \N{EN DASH} 50 m", "0-50", "0 m,50 m", "0 m; 50 m", "0 to 50 m", "0 bis 50 m",
        "０–５０ ｍ",
    )),
    ("depth", "\N{MINUS SIGN}2,50", "-2,50"),
    ("depth", "0,5–1,5 m", "0.5,1.5"),
    ("depth", "0 to less than 50 m", "0,<50"),
    ("depth", "1,000 m to 1,500 m", "1000,1500"),
    ("depth", "1.000 bis 1.500 m", "1000,1500"),
    ("depth", "Down to 1,000 m", ",1000"),
    ("depth", "above the surface", ",<0"),
    ("depth", "0–1000 ft", "0,304.8"),
    ("depth", "depth unknown", "unknown"),
    ("depth", "Tiefe unbekannt", "unknown"),
    ("months", "6\N{EN DASH}8", "6-8"),
    ("months", "June to August or November", "6-8,11"),
    ("months", "Juni bis August oder November", "6-8,11"),
    ("months", "Nov–Feb", "11-2"),
    ("maxUncertainty", "1,5", "1.5"),
    ("maxUncertainty", "1000 m", "1000"),
    ("maxUncertainty", "1,5 km", "1500"),
    ("maxUncertainty", "auf 1.000 m oder genauer", "1000"),
    ("from", "kein Datum", "unknown"),
    ("from", "15 June 2021", "2021-06-15"),
    ("from", "15. Juni 2021", "2021-06-15"),
    ("from", "since Nov 2016", "2016-11"),
    ("from", "ab 2016-11-01", "2016-11"),
    ("to", "until 2019-12-31", "2019"),
    ("to", "Juni 2021", "2021-06"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "plain"), SAME)
def test_values_are_read_as_pages_and_people_write_them(name, text, plain):
    assert read(name, text) == asked(**{name: plain})


@pytest.mark.parametrize(
    "text",
    [
        "2010-01-01 to 2019-12-31",
        "2010–2019",
        "2010 bis 2019",
        "2010-01-01/2019-12-31",
        "2010 - 2019",
    ],
)
def test_a_range_of_dates_in_one_field_sets_both_ends(text):
    assert read("from", text) == read("to", text) == asked(**{"from": "2010", "to": "2019"})
    assert asked(**{"from": text, "to": "2019-12-31"}) == read("from", text)
    for other in ({"from": text, "to": "2015"}, {"from": "2015", "to": text}):
        with pytest.raises(InvalidQuery) as caught:
            asked(**other)
        assert list(caught.value.errors) == ["to"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("near", text) for text in ("5.5° W,53.3° N,50", "53.3° N, 5.5° W", "53,3,5,5,50", "54.2,7.9,50,5")),
        *(("near", text) for text in ("-53.3° S,5.5° W,50", "53°60′ N,5° W,50", "53.5°18′ N,5° W,50")),
        ("near", "54.2, 7.9, 1,000 km"),
        *(("depth", text) for text in ("1,5 m", "50 m", "1,000–2,000 m", "1.000–2.000 m", "10 500")),
        ("depth", "possibly 0 to 50 m"),
        *(("depth", text) for text in ("0,50 m", "5²–9²", "٠–٥", "1_0–20", "0–50 fathoms", "1,5,3")),
        *(("maxUncertainty", text) for text in ("1,000", "1,000 m", "1.000 m", "1,00,0", "1 000", "1²")),
        *(("from", text) for text in ("06/12/2021", "31 June 2021", "until 2019", "2010–2019–2020")),
        ("from", "possibly 2010"),
        ("from", "June"),
        ("to", "since 2010"),
        ("months", "June 2021"),
    ],
)  # fmt: skip
def test_what_can_mean_two_things_or_nothing_is_refused(name, text):
    assert read(name, text) is None


def test_the_documented_notation_stays():
    assert asked(depth="1,5").canonical == {"depth": "1,5"}
    assert asked(maxUncertainty="1.234").max_uncertainty == 1.234
    assert asked(near="54.123,7.123,1.234").near == Circle(54.123, 7.123, 1.234)


# To a nanometre: chips round, and two ends closer together would print as one.
DEPTHS = st.floats(MINIMUM_DEPTH, MAXIMUM_DEPTH).map(lambda depth: round(depth, 9) + 0.0) | (
    st.integers(int(MINIMUM_DEPTH), int(MAXIMUM_DEPTH)).map(float)
)


def close(value: float | None, other: float | None, *, imperial: bool, step: float = 1e-6) -> bool:
    if value is None or other is None:
        return value is other
    rounding = (FOOT / 2 if abs(other) >= 3 else FOOT / 20) if imperial else step / 2
    return abs(value - other) <= rounding * 1.01


@settings(deadline=None)
@given(LANGUAGES, IMPERIAL, st.none() | DEPTHS, st.none() | DEPTHS)
@example("en", False, 1_000.0, 1_500.0)
@example("en", False, 0.0, 4.4739903683509393e-153)
@example("en", False, -2.2e-309, None)
@example("de", True, -2.2e-309, 5.0)
@example("de", False, 1_234.5, 1_500.125)
def test_depths_in_chips_are_read_back(language, imperial, low, high):
    if low is None and high is None:
        return
    low, high = sorted([low, high]) if None not in (low, high) else (low, high)
    text = ",".join("" if end is None else repr(end) for end in (low, high))
    name, words_ = printed(asked(depth=text), language, imperial)
    back = read(name, words_)
    if back is not None:
        assert close(back.depth.low, low, imperial=imperial)
        assert close(back.depth.high, high, imperial=imperial)
    else:  # rounded to feet, an end can fall outside
        assert imperial and (
            low is None or low < MINIMUM_DEPTH + 1 or (high or 0) > MAXIMUM_DEPTH - 1
        )


@settings(deadline=None)
@given(LANGUAGES, IMPERIAL, st.none() | DEPTHS, st.none() | DEPTHS)
def test_depths_of_records_are_read_back_or_refused(language, imperial, low, high):
    row = SimpleNamespace(minimum_depth_in_meters=low, maximum_depth_in_meters=high)
    with override(language), units.feet_if(lambda: imperial):
        text = words.depth(row)
    back = read("depth", text)
    if back and not back.is_everything:
        assert close(back.depth.low, low, imperial=imperial, step=0.01)
        assert close(back.depth.high, high, imperial=imperial, step=0.01)
    else:
        assert back is None or (low is None and high is None)


LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


@settings(deadline=None)
@given(LANGUAGES, IMPERIAL, LATITUDES, LONGITUDES, st.floats(0.001, 5_000))
@example("de", False, 53.3, -5.5, 1_000.0)
def test_circles_in_chips_are_read_back(language, imperial, latitude, longitude, kilometres):
    name, text = printed(
        asked(near=f"{latitude!r},{longitude!r},{kilometres!r}"), language, imperial
    )
    back = read(name, text)
    # too small or, in miles, too large after rounding, or with too many digits for a parameter
    if back is None:
        assert (imperial and (kilometres < 0.1 or kilometres > 4_999)) or len(text) > 200
        return
    assert (back.near.latitude, back.near.longitude) == (latitude, longitude)
    assert abs(back.near.kilometres - kilometres) <= (
        0.051 * MILE / 1_000 if imperial else 0.000_51
    )


@settings(deadline=None)
@given(LANGUAGES, LONGITUDES, LATITUDES, LONGITUDES, LATITUDES)
def test_boxes_in_chips_and_summaries_are_read_back(language, west, south, east, north):
    box = Bbox(west, *sorted([south, north])[:1], east, max(south, north))
    question = asked(bbox=",".join(map(repr, box)))
    name, text = printed(question, language)
    assert read(name, text) == (question if len(text) <= 200 else None)
    with override(language):
        rounded = read("bbox", box_words(question.bbox))
    if rounded is not None:
        assert all(
            abs(one - other) <= 0.5 for one, other in zip(rounded.bbox, question.bbox, strict=True)
        )


@settings(deadline=None)
@given(LANGUAGES, IMPERIAL, st.floats(1, MAXIMUM_UNCERTAINTY))
def test_uncertainties_are_read_back(language, imperial, metres):
    name, text = printed(asked(maxUncertainty=repr(metres)), language, imperial)
    back = read(name, text)
    if back is None:
        assert imperial and metres > MAXIMUM_UNCERTAINTY - 1
    else:
        assert close(back.max_uncertainty, metres, imperial=imperial, step=0.01)


DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


@given(LANGUAGES, st.none() | DAYS, st.none() | DAYS)
def test_dates_in_chips_are_read_back(language, first, last):
    first, last = sorted([first, last]) if first and last else (first, last)
    days = {name: day.isoformat() for name, day in (("from", first), ("to", last)) if day}
    if days:
        question = asked(**days)
        assert read(*printed(question, language)) == question


@given(LANGUAGES, DAYS, DAYS, st.sampled_from(DatePrecision.values))
def test_dates_of_records_are_read_back(language, start, end, precision):
    start, end = sorted([start, end])
    row = SimpleNamespace(date_start=start, date_end=end, date_precision=precision)
    with override(language):
        text = words.dates(row)
    back = read("from", text)
    if precision == DatePrecision.YEAR:
        assert (back and back.date_from) == (
            date(start.year, 1, 1) if start.year >= 1_000 else None
        )
    elif precision == DatePrecision.MONTH:
        assert (back and back.date_from) == start.replace(day=1)
    else:
        assert back and back.date_from == start
        assert back.date_to == (end if start != end else None)


@given(LANGUAGES, st.sets(st.integers(1, 12), min_size=1))
def test_months_in_chips_are_read_back(language, months):
    question = asked(months=",".join(map(str, months)))
    assert read(*printed(question, language)) == question


@settings(deadline=None)
@given(
    st.sampled_from(["near", "bbox", "depth", "maxUncertainty"]),
    st.text("0123456789.,;-–−°'\" NSWOEmft", max_size=30),
)
def test_any_text_is_read_alike_in_every_language_or_refused(name, text):
    question = read(name, text)
    assert question is None or asked(**question.canonical) == question


def test_programs_are_read_alike(client, db):
    plain = client.get("/api/v1/observations/", {"depth": "0,50", "near": "53.3,-5.5,50"})
    same = client.get(
        "/api/v1/observations/", {"depth": "0–50 m", "near": "53.3° N, 5.5° W, 50 km"}
    )
    assert (same.status_code, same.json()["features"]) == (200, plain.json()["features"])
    refused = client.get("/api/v1/observations/", {"depth": "1,5 m"})
    assert refused.status_code == 400
    assert "0,50" in refused.content.decode()
