"""Long lists are printed from the columns; what they say is what the serializer says, field by
field.
"""

import csv
import io
from random import Random
from uuid import UUID

import orjson
import pytest
from rest_framework.renderers import JSONRenderer

from species.darwincore.features import columns_of, features
from species.darwincore.serializers import ObservationSerializer
from species.models import CuratedObservation
from species.refresh.write.licences import effective_license
from species.terms import License
from tests import factories
from tests.species.generating import SITES, World

pytestmark = pytest.mark.django_db


def told(data):
    return orjson.loads(JSONRenderer().render(data))


def test_features_say_what_the_serializer_says(django_assert_num_queries):
    world, random = World(), Random(3)
    for number in range(80):
        record = world.record(
            random, UUID(int=random.getrandbits(128)), world.datasets[number % 2], SITES
        )
        record.save(force_insert=True)
    factories.observation(
        taxon=factories.taxon("Fucus", credits_algaebase=True, iucn_category="LC", genus="Fucus"),
        recorded_by="Ada, ada@example.org, +49 431 600 1234", locality="at (at) the pier", event_date="",
        occurrence_id="", individual_count=2.0, minimum_depth_in_meters=-1.5, sst=11.25, obis_id=None,
    )  # fmt: skip
    rows = CuratedObservation.objects.order_by("pk")
    with django_assert_num_queries(1):
        printed = [orjson.loads(each.text) for each in features(columns_of(rows))]
    serialized = ObservationSerializer(rows.select_related("taxon", "dataset"), many=True).data[
        "features"
    ]
    assert len(printed) == 81
    for one, other in zip(printed, told(serialized), strict=True):
        assert one["geometry"]["coordinates"] == pytest.approx(
            other["geometry"]["coordinates"], abs=1e-12
        )
        assert list(one["properties"]) == list(other["properties"])
        assert one | {"geometry": None} == other | {"geometry": None}
    with_decimals = [
        orjson.loads(each.text) for each in features(columns_of(rows, decimals=True), decimals=True)
    ]
    assert with_decimals == printed
    assert type(with_decimals[-1]["properties"]["individualCount"]) is float
    assert type(printed[-1]["properties"]["individualCount"]) is int
    assert "ada@example.org" not in orjson.dumps(printed).decode()


BY, ROOT = License.CC_BY, "https://creativecommons.org/licenses"
SHARE_ALIKE = (License.OTHER, f"{ROOT}/by-sa/4.0/")


@pytest.mark.parametrize(
    ("record", "dataset", "uri"),
    [
        ((BY, f"{ROOT}/by/3.0/"), (License.CC0, ""), f"{ROOT}/by/3.0/"),
        ((BY, f"{ROOT}/by/3.0/"), (BY, f"{ROOT}/by/4.0/"), f"{ROOT}/by/3.0/"),
        ((BY, ""), (BY, f"{ROOT}/by/4.0/"), f"{ROOT}/by/4.0/"),
        ((BY, f"{ROOT}/by/3.0/"), (License.CC_BY_NC, f"{ROOT}/by-nc/4.0/"), f"{ROOT}/by-nc/4.0/"),
        ((License.UNKNOWN, ""), (BY, f"{ROOT}/by/4.0/"), f"{ROOT}/by/4.0/"),
        ((BY, ""), (License.UNKNOWN, ""), None),
        ((License.UNKNOWN, ""), (License.UNKNOWN, ""), None),
        (SHARE_ALIKE, (BY, f"{ROOT}/by/4.0/"), SHARE_ALIKE[1]),
        (SHARE_ALIKE, SHARE_ALIKE, SHARE_ALIKE[1]),
        (SHARE_ALIKE, (License.OTHER, ""), None),
        ((License.OTHER, ""), SHARE_ALIKE, None),
    ],
)
def test_the_licences_uri_is_that_of_the_text_that_decides(record, dataset, uri):
    row = factories.observation(
        dataset=factories.dataset(license=dataset[0], license_uri=dataset[1]),
        license=effective_license(record[0], dataset[0]), record_license=record[0], record_license_uri=record[1],
    )  # fmt: skip
    [printed] = features(columns_of(CuratedObservation.objects.all()))
    assert orjson.loads(printed.text)["properties"]["licenseURI"] == uri
    assert ObservationSerializer(row).data["properties"]["licenseURI"] == uri


def test_darwin_core_terms_name_the_datum_the_name_and_the_last_change(client):
    made = factories.observation(taxon=factories.taxon("Mola mola", aphia_id=127_405))
    lists = ("/api/v1/observations/", "/ogc/collections/observations/items")
    told = [client.get(path).json()["features"][0] for path in lists]
    told += [
        client.get(f"{path}{made.key}{slash}").json()
        for path, slash in ((lists[0], "/"), (f"{lists[1]}/", ""))
    ]
    answer = client.get(lists[0], {"format": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    for properties in (*(feature["properties"] for feature in told), row):
        assert properties["geodeticDatum"] == "EPSG:4326"
        assert properties["scientificNameID"] == "urn:lsid:marinespecies.org:taxname:127405"
        assert properties["modified"] == properties["lastChanged"] != ""
        assert "licenseURI" in properties
