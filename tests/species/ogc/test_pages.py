"""The resources around the items: they lead to one another, as JSON and as pages, the same for
everybody.
"""

import pytest

from species.models import DataVersion, RefreshRun
from tests import factories

pytestmark = pytest.mark.django_db

RESOURCES = (
    *("/ogc/", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/collections/observations"),
    *("/ogc/collections/observations/queryables", "/ogc/collections/observations/schema"),
    *("/ogc/collections/observations/feature-schema", "/ogc/collections/datasets/feature-schema"),
    *(
        "/ogc/collections/observations/items",
        "/ogc/collections/datasets",
        "/ogc/collections/datasets/items",
    ),
    *("/ogc/collections/datasets/queryables", "/ogc/collections/datasets/schema"),
    *("/ogc/collections/observations/tiles", "/ogc/collections/observations/tiles/WebMercatorQuad"),
    *("/ogc/tileMatrixSets", "/ogc/tileMatrixSets/WebMercatorQuad"),
)
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def links_of(value):
    """All links in a body, however deep."""
    if isinstance(value, dict):
        found = [value] if {"href", "rel"} <= value.keys() else []
        return found + [link for member in value.values() for link in links_of(member)]
    return (
        [link for member in value for link in links_of(member)] if isinstance(value, list) else []
    )


def test_every_link_from_the_landing_page_on_leads_somewhere_of_the_type_it_says(client):
    factories.observation()
    seen, left = set(), [{"href": "http://testserver/ogc/", "type": "application/json"}]
    while left:
        link = left.pop()
        if link["href"] in seen or link.get("templated") or "/ogc/" not in link["href"]:
            continue
        seen.add(link["href"])
        response = client.get(link["href"], headers={"Accept": "*/*"})
        assert response.status_code == 200, link
        assert response.headers["Content-Type"].split(";")[0] == link["type"].split(";")[0], link
        if "json" in link["type"]:
            left += links_of(response.json())
    assert {f"http://testserver{path}" for path in RESOURCES} <= {
        address.split("?")[0] for address in seen
    }


@pytest.mark.parametrize("path", RESOURCES)
def test_each_resource_is_json_for_programs_and_a_page_for_browsers(client, path):
    factories.observation()
    page = client.get(path, headers=BROWSER)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.content.count(b"<h1>") == 1
    assert "json" in client.get(path).headers["Content-Type"]
    assert "json" in client.get(path, {"f": "json"}, headers=BROWSER).headers["Content-Type"]
    assert client.get(path, {"f": "html"}).content.count(b"<h1>") == 1
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406
    for answer in (page, client.get(path)):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        varies = set(answer.headers["Vary"].lower().split(", "))
        assert (
            {"accept", "accept-encoding"} <= varies <= {"accept", "accept-encoding", "hx-request"}
        )
        assert not answer.cookies


def test_an_answer_is_not_sent_again_until_the_data_change(client):
    address = "/ogc/collections/observations/items"
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(address, {"limit": 3}).headers["ETag"] != etag
    assert client.get(address, {"f": "html"}).headers["ETag"] != etag
    DataVersion.advance()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_of_datasets_a_sign_of_life_of_a_refresh_is_news_too(client):
    made = factories.observation()
    told = {}
    for path in (
        "datasets/items",
        f"datasets/items/{made.dataset.uuid}",
        "observations/items",
        "datasets/schema",
    ):
        told[path] = client.get(f"/ogc/collections/{path}").headers["ETag"]
    RefreshRun.objects.create(mode="full")
    for path, etag in told.items():
        again = client.get(f"/ogc/collections/{path}", headers={"If-None-Match": etag})
        assert again.status_code == (200 if path.startswith("datasets/items") else 304), path


def test_its_address_needs_no_slash_at_the_end(client):
    # QGIS cuts it off and follows no redirection
    answers = [client.get(address) for address in ("/ogc", "/ogc/")]
    assert [answer.status_code for answer in answers] == [200, 200]
    one, other = (
        {link["rel"]: link["href"] for link in links_of(answer.json())} for answer in answers
    )
    assert one | {"self": "", "alternate": ""} == other | {"self": "", "alternate": ""}


def test_only_what_holds_is_claimed(client):
    classes = {
        each.rsplit("/spec/", 1)[1] for each in client.get("/ogc/conformance").json()["conformsTo"]
    }
    assert {
        f"ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")
    } <= classes
    assert "ogcapi-features-3/1.0/conf/features-filter" in classes
    assert not any("cql2" in each for each in classes)  # OR and NOT would have to be answered


def test_the_description_names_every_parameter_that_is_read(client):
    document = client.get("/ogc/api").json()
    assert document["openapi"].startswith("3.0")
    items = document["paths"]["/collections/observations/items"]["get"]["parameters"]
    # where QGIS looks for the size of a page
    assert {"$ref": "#/components/parameters/limit"} in items
    parameters = [
        document["components"]["parameters"]["limit"],
        *(each for each in items if "$ref" not in each),
    ]
    for each in parameters:
        response = client.get("/ogc/collections/observations/items", {each["name"]: "§"})
        reasons = {error["reason"] for error in response.json().get("errors", [])}
        assert "Unknown parameter." not in reasons, each["name"]
    queryables = client.get("/ogc/collections/observations/queryables").json()["properties"]
    assert {"taxon", "geometry", "dateStart", "depth", "license"} <= queryables.keys()


def test_the_description_names_every_refusal_that_any_address_may_answer(client):
    for path, operations in client.get("/ogc/api").json()["paths"].items():
        responses = operations["get"]["responses"]
        assert {"400", "414", "429", "503"} <= responses.keys(), path
        assert ("406" in responses) == ("{tileCol}" not in path), path


def test_the_schema_names_what_features_say(client):
    factories.observation()
    for name in ("observations", "datasets"):
        properties = client.get(f"/ogc/collections/{name}/schema").json()["properties"]
        (feature,) = client.get(f"/ogc/collections/{name}/items").json()["features"]
        assert properties.keys() - {"geometry"} == feature["properties"].keys()
        whole = client.get(f"/ogc/collections/{name}/feature-schema").json()["properties"]
        assert whole["properties"]["properties"].keys() == feature["properties"].keys()
        assert whole.keys() == {"type", "id", "geometry", "properties"}


@pytest.mark.parametrize("name", ["observations", "datasets"])
def test_types_are_single_names_since_desktop_programs_read_no_lists_of_them(client, name):
    of_properties = client.get(f"/ogc/collections/{name}/schema").json()["properties"]
    of_features = client.get(f"/ogc/collections/{name}/feature-schema").json()["properties"][
        "properties"
    ]["properties"]
    for schema in (of_properties, of_features):
        types = {each["type"] for property, each in schema.items() if property != "geometry"}
        assert types <= {"string", "integer", "number", "array"}
    if name == "observations":
        dated = {"type": "string", "format": "date"}
        assert "format" not in of_features["eventDate"]
        assert of_features["eventDate"]["type"] == "string"
        for property in ("dateStart", "dateEnd"):
            assert dated.items() <= of_features[property].items()
        assert of_features["aphiaID"]["type"] == "integer"


def test_a_collection_links_its_schemas_by_the_relations_that_gdal_and_qgis_read(client):
    """GDAL 3.6 reads `describedBy` alone, newer ones `describedby` too, and QGIS the relation of
    OGC.
    """
    links = client.get("/ogc/collections/observations").json()["links"]
    schemas = {
        link["rel"]: link["href"] for link in links if link["type"] == "application/schema+json"
    }
    assert schemas["describedby"] == schemas["describedBy"]
    assert schemas["describedby"].endswith("/observations/feature-schema")
    assert schemas["http://www.opengis.net/def/rel/ogc/1.0/schema"].endswith("/observations/schema")


def test_queryables_are_linked_from_the_landing_page_the_collection_and_its_items(client):
    relation = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
    for path in (
        "/ogc/",
        "/ogc/collections",
        "/ogc/collections/observations",
        "/ogc/collections/observations/items",
    ):
        found = [
            link["href"] for link in links_of(client.get(path).json()) if link["rel"] == relation
        ]
        assert "http://testserver/ogc/collections/observations/queryables" in found, path


def test_tiles_are_those_of_the_atlas_at_the_addresses_that_their_metadata_name(client):
    factories.observation(at=(7.9, 54.2))
    tiles = "/ogc/collections/observations/tiles/WebMercatorQuad"
    (item,) = (link for link in client.get(tiles).json()["links"] if link["rel"] == "item")
    address = item["href"].format(tileMatrix=6, tileRow=20, tileCol=33)
    tile, atlas = client.get(address), client.get("/tiles/observations/6/33/20.mvt")
    assert tile.status_code == 200
    assert tile.content == atlas.content
    tilejson = client.get(tiles, {"f": "tilejson"}).json()
    assert tilejson["tiles"][0].format(z=6, y=20, x=33) == address
    matrices = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json()["tileMatrices"]
    # as OGC's registry has it
    assert matrices[0]["scaleDenominator"] == pytest.approx(559_082_264.028717)
    assert (matrices[6]["matrixWidth"], len(matrices)) == (64, tilejson["maxzoom"] + 1)
    assert client.get(f"{tiles}/0/1/0").status_code == 404
    assert client.get(tiles.replace("Web", "World")).status_code == 404
    assert client.get(tiles.replace("observations", "datasets")).status_code == 404


def test_elsewhere_below_is_an_error_for_machines(client):
    for path in (
        "/ogc/nowhere",
        "/ogc/collections/whales",
        "/ogc/collections/whales/items",
        "/ogc/conformance/",
    ):
        response = client.get(path)
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "RateLimit" in response.headers["Access-Control-Expose-Headers"]
    assert client.post("/ogc/conformance").status_code == 405
