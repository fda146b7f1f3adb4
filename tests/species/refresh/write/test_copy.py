"""COPY's text format carries any text, number and date into the column and back."""

import json
from datetime import date

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from species.refresh.copy_text import format_cell, format_point
from species.refresh.records import CLEANED_COLUMNS
from species.refresh.write.copy import copy_rows
from species.refresh.write.load import DECIDED_COLUMNS
from species.refresh.write.publish import PUBLISHED_COLUMNS
from species.terms import Finding, License

pytestmark = pytest.mark.django_db
storable = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
cells = st.tuples(
    st.none() | storable,
    st.none() | st.floats(allow_nan=False),
    st.none() | st.dates(min_value=date(1, 1, 1)),
    st.none() | st.dictionaries(storable, storable, max_size=3),
    st.none() | st.binary(),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(cells, min_size=1, max_size=5))
def test_whatever_is_copied_is_what_stands_there(rows):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.copied")
        cursor.execute(
            "CREATE TEMPORARY TABLE copied (t text, f double precision, d date, j jsonb, b bytea, n serial)"
        )
        assert copy_rows(cursor, "copied", ("t", "f", "d", "j", "b"), rows) == len(rows)
        cursor.execute("SELECT t, f, d, j, b FROM copied ORDER BY n")
        found = [
            (*row[:3], row[3], row[4] if row[4] is None else bytes(row[4]))
            for row in cursor.fetchall()
        ]
    assert [
        (*row[:3], row[3] if row[3] is None else json.loads(row[3]), row[4]) for row in found
    ] == rows


def test_members_of_vocabularies_are_written_by_value():
    assert format_cell(License.CC_BY) == "cc-by"
    assert format_cell(Finding.ON_LAND | Finding.DEPTH_ZERO) == "33"
    with pytest.raises(TypeError, match="no column holds a set"):
        format_cell({1})


def test_a_point_is_where_it_should_be():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_AsText(%s::geometry), ST_SRID(%s::geometry)", [format_point(-180, 88.25)] * 2
        )
        assert cursor.fetchone() == ("POINT(-180 88.25)", 4326)


def test_a_copied_observation_has_every_column_once():
    assert sorted((*DECIDED_COLUMNS, *CLEANED_COLUMNS, "payload")) == sorted(PUBLISHED_COLUMNS)
