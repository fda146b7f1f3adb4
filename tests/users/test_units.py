"""Lengths in words: metric for everybody, feet and miles for those who like them."""

import pytest
from django.http import QueryDict

from species.filters import ObservationFilter
from users import units

LENGTHS = [
    (units.metres, 12.5, "12.5 m", "41 ft"),
    (units.metres, 0, "0 m", "0 ft"),
    (units.metres, 1.5, "1.5 m", "4.9 ft"),
    (units.metres, 10_935, "10,935 m", "35,876 ft"),
    (units.metres, -3.048, "3.05 m above the surface", "10 ft above the surface"),
    (units.distance, 100, "100 m", "328 ft"),
    (units.distance, 160_934.4, "160,934.4 m", "100 mi"),
    (units.kilometres, 50, "50 km", "31.1 mi"),
]
QUESTIONS = [
    ("depth=0,50", "0 to 50 m", "0 to 164 ft"),
    ("depth=200,", "200 m and deeper", "656 ft and deeper"),
    ("depth=,%3C10", "down to less than 10 m", "down to less than 33 ft"),
    ("near=54.2,7.9,50", "within 50 km of 54.2° N, 7.9° E", "within 31.1 mi of 54.2° N, 7.9° E"),
    ("maxUncertainty=1000", "accurate to 1,000 m or better", "accurate to 3,281 ft or better"),
]  # fmt: skip


@pytest.mark.parametrize(("tell", "value", "metric", "imperial"), LENGTHS)
def test_a_length_reads_in_either_unit(tell, value, metric, imperial):
    assert tell(value) == metric
    with units.feet_if(lambda: True):
        assert tell(value) == imperial
    assert tell(value) == metric


@pytest.mark.parametrize(("query", "metric", "imperial"), QUESTIONS)
def test_a_question_reads_in_either_unit_and_stays_the_same_question(query, metric, imperial):
    asked = ObservationFilter.from_query(QueryDict(query))
    assert asked.words() == metric
    with units.feet_if(lambda: True):
        assert (asked.words(), asked.query_string()) == (imperial, query)


def test_who_it_is_is_asked_only_where_a_length_is_told():
    with units.feet_if(lambda: pytest.fail("asked")):
        assert ObservationFilter.from_query(QueryDict("months=6")).words() == "June"
