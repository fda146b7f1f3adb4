"""Long lists are printed from the columns; what they say is what the serializer says, field by field."""

from random import Random
from uuid import UUID

import orjson
import pytest
from rest_framework.renderers import JSONRenderer

from species.darwincore.features import columns_of, features
from species.darwincore.serializers import ObservationSerializer
from species.models import CuratedObservation
from tests import factories
from tests.species.generating import SITES, World

pytestmark = pytest.mark.django_db


def told(data):
    return orjson.loads(JSONRenderer().render(data))


def test_features_say_what_the_serializer_says(django_assert_num_queries):
    world, random = World(), Random(3)
    for number in range(80):
        record = world.record(random, UUID(int=random.getrandbits(128)), world.datasets[number % 2], SITES)
        record.save(force_insert=True)
    factories.observation(
        taxon=factories.taxon("Fucus", credits_algaebase=True, iucn_category="LC", genus="Fucus"),
        recorded_by="Ada, ada@example.org, +49 431 600 1234", locality="at (at) the pier", event_date="",
        occurrence_id="", individual_count=2.0, minimum_depth_in_meters=-1.5, sst=11.25, obis_id=None,
    )  # fmt: skip
    rows = CuratedObservation.objects.order_by("pk")
    with django_assert_num_queries(1):
        printed = [orjson.loads(each.text) for each in features(columns_of(rows))]
    serialized = ObservationSerializer(rows.select_related("taxon", "dataset"), many=True).data["features"]
    assert len(printed) == 81
    for one, other in zip(printed, told(serialized), strict=True):
        assert one["geometry"]["coordinates"] == pytest.approx(other["geometry"]["coordinates"], abs=1e-12)
        assert list(one["properties"]) == list(other["properties"])
        assert one | {"geometry": None} == other | {"geometry": None}
    with_decimals = [orjson.loads(each.text) for each in features(columns_of(rows, decimals=True), decimals=True)]
    assert with_decimals == printed
    assert type(with_decimals[-1]["properties"]["individualCount"]) is float
    assert type(printed[-1]["properties"]["individualCount"]) is int
    assert "ada@example.org" not in orjson.dumps(printed).decode()
