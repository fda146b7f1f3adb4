"""GDAL, and with it QGIS's tools, reads the collections to the last feature, and its answers are
ours.
"""

import json
import os
import subprocess
import sys
from datetime import date, timedelta

import pytest

from species.filters import ObservationFilter
from species.models import CuratedObservation
from tests import factories

FILTERS = {
    "evidence = 'dna'": "evidence=dna",
    "license = 'cc0' AND evidence = 'seen'": "licence=cc0&evidence=seen",
    # It sends conditions on dates as `datetime`, so those that mean the same are its to ask.
    "dateEnd >= '2020/01/10'": "from=2020-01-10&dateMatch=possibleOrUndated",
    "dateStart <= '2020/01/05'": "to=2020-01-05&dateMatch=possibleOrUndated",
    "dateEnd >= '2020/01/05' AND dateStart <= '2020/01/06'": (
        "from=2020-01-05&to=2020-01-06&dateMatch=possibleOrUndated"
    ),
    # A condition that it cannot send makes it check all of them itself.
    "dateStart >= '2020/01/03' AND dateEnd <= '2020/01/07' AND dateStart IS NOT NULL": "from=2020-01-03&to=2020-01-07",
}

READER = """
import json, sys, pyogrio
source, asked = sys.argv[1], json.loads(sys.argv[2])
found = [[str(name) for name, _ in pyogrio.list_layers(source)]]
found.append(pyogrio.read_info(source, layer="datasets", force_feature_count=True)["features"])
for each in asked:
    each = each | ({"bbox": tuple(each["bbox"])} if "bbox" in each else {})
    columns = ["id", "license", "coordinateUncertaintyInMeters"]
    info, _, _, values = pyogrio.raw.read(source, layer="observations", columns=columns, PAGE_SIZE="5", **each)
    found.append({str(name): list(column) for name, column in zip(info["fields"], values)})
print(json.dumps(found, default=float))
"""


@pytest.mark.django_db(transaction=True)
def test_gdal_reads_every_feature_and_filters_as_we_do(live_server):
    cod = factories.taxon("Gadus morhua")
    dataset = factories.dataset("Soundings")
    for number in range(23):
        factories.observation(
            taxon=cod,
            dataset=dataset,
            at=(170.0 + number % 10, -20.0 + number / 7),
            date_start=None if number < 4 else date(2020, 1, 1) + timedelta(days=number // 3),
            date_end=None if number < 4 else date(2020, 1, 2) + timedelta(days=number // 2),
            evidence=["seen", "dna"][number % 2],
            license=["cc0", "cc-by", "unknown"][number % 3],
            coordinate_uncertainty_in_meters=[50.0, 70.5][number == 0],
        )
    asked = [{}, {"bbox": [172, -19.5, 176, -18]}, *({"where": where} for where in FILTERS)]
    layers, datasets, everything, inside, *filtered = read(f"OAPIF:{live_server.url}/ogc/", asked)
    assert layers == ["observations", "datasets"]
    assert datasets == 1
    assert sorted(everything["id"]) == keys("")
    assert set(everything["license"]) == {"cc0", "cc-by", "unknown"}
    assert 70.5 in everything["coordinateUncertaintyInMeters"]
    assert sorted(inside["id"]) == keys("bbox=172,-19.5,176,-18")
    for query, found in zip(FILTERS.values(), filtered, strict=True):
        assert sorted(found["id"]) == keys(query), query
        assert 0 < len(found["id"]) < 23


@pytest.mark.django_db(transaction=True)
def test_gdal_reads_to_the_last_record_of_a_rare_value_through_all_others(live_server, settings):
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 4, 2
    for number in range(40):
        day = date(2020, 1, 1) + timedelta(days=number)
        factories.observation(
            date_start=day, date_end=day, evidence="dna" if number in {0, 20, 21} else "seen"
        )
    (*_, found) = read(f"OAPIF:{live_server.url}/ogc/", [{"where": "evidence = 'dna'"}])
    assert sorted(found["id"]) == keys("evidence=dna")


@pytest.mark.django_db(transaction=True)
def test_gdal_takes_the_types_of_columns_from_the_schema_so_that_no_value_is_lost(live_server):
    """The ten newest have days, from which alone GDAL would take the date for one and drop what is
    none.
    """
    for number in range(12):
        day = date(2020, 1, 1 + number)
        factories.observation(event_date=day.isoformat(), date_start=day, date_end=day)
    for text, start in (
        ("1971", date(1971, 1, 1)),
        ("1971-05/1971-08", date(1971, 5, 1)),
        ("spring", None),
    ):
        factories.observation(event_date=text, date_start=start, date_end=start)
    command = [sys.executable, "-c", TYPES, f"OAPIF:{live_server.url}/ogc/"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)
    types, dates = told
    assert (types["eventDate"], types["dateStart"], types["dateEnd"]) == (
        "object",
        "datetime64[D]",
        "datetime64[D]",
    )
    assert types["aphiaID"].startswith("int")
    assert types["coordinateUncertaintyInMeters"] == "float64"
    assert {"1971", "1971-05/1971-08", "spring"} <= set(dates)
    assert None not in dates


@pytest.mark.django_db(transaction=True)
def test_gdal_leaves_dates_as_written_where_it_reads_dates_as_strings(live_server):
    """As docs/api/ogc.md advises; otherwise a page of nothing but days gets times."""
    for number in range(1, 6):
        day = date(2020, 1, number)
        factories.observation(event_date=day.isoformat(), date_start=day, date_end=day)
    command = [sys.executable, "-c", TYPES, f"OAPIF:{live_server.url}/ogc/"]
    settings = os.environ | {"OGR_GEOJSON_DATE_AS_STRING": "YES"}
    told = json.loads(
        subprocess.run(command, check=True, capture_output=True, timeout=120, env=settings).stdout
    )
    types, dates = told
    assert sorted(dates) == [f"2020-01-0{number}" for number in range(1, 6)]
    assert types["dateStart"] == "datetime64[D]"


TYPES = """
import json, sys, pyogrio
source = sys.argv[1]
info = pyogrio.read_info(source, layer="observations")
_, _, _, (dates,) = pyogrio.raw.read(source, layer="observations", columns=["eventDate"])
print(json.dumps([dict(zip(map(str, info["fields"]), map(str, info["dtypes"]))), list(dates)]))
"""


def read(source, asked):
    """GDAL's answers, of a process of its own: it waits for the server without letting other
    threads go on.
    """
    command = [sys.executable, "-c", READER, source, json.dumps(asked)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)


def keys(query):
    question = dict(part.split("=", 1) for part in query.split("&") if part)
    rows = ObservationFilter.from_query(question).apply(CuratedObservation.objects.published())
    return sorted(str(key) for key in rows.values_list("key", flat=True))
