"""No request is answered with 500: whatever parameters, addresses, headers and bodies hold."""

import json
from io import BytesIO

import pytest
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.http.lanes import LaneFull
from species.filters import PARAMETERS
from tests import factories
from tests.species import hostile
from tests.species.generating import CONDITIONS

pytestmark = pytest.mark.django_db
EXAMPLES = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)

POLYGONS = st.one_of(hostile.geojson(), hostile.wkt())
FILTER = {
    name: hostile.joined(
        st.one_of(st.sampled_from([*CONDITIONS.get(name, ["x"])]), hostile.ODD_TEXTS)
    )
    for name in PARAMETERS
} | {"polygon": POLYGONS}
OF_PAGES = dict.fromkeys(
    [
        *(
            "after",
            "map",
            "compare",
            "limit",
            "format",
            "selection",
            "view",
            "v",
            "q",
            "before",
            "page",
            "offset",
        ),
        *("sort", "order", "rank", "lang", "group", "by"),
    ],
    hostile.ODD_TEXTS,
)
CQL2 = st.one_of(
    POLYGONS.map(lambda text: f"S_INTERSECTS(geometry,{text})"),
    st.sampled_from(
        [
            "S_INTERSECTS(geometry,POINT(nan 5))",
            "S_INTERSECTS(geometry,POINT EMPTY)",
            "S_INTERSECTS(geometry,BBOX(1,2,3,1e999))",
            "S_INTERSECTS(geometry,POLYGON EMPTY)",
            "S_INTERSECTS(geometry,GEOMETRYCOLLECTION(POINT(1 2)))",
            "dateStart>=DATE('0001-01-01') AND dateEnd<DATE('9999-12-31')",
            "dateStart<DATE('0001-01-01')",
            "dateEnd>DATE('9999-12-31')",
            "dateStart>=DATE('2021-02-30')",
            "dateStart>=TIMESTAMP('2021-01-01T25:00:00Z')",
            f"depth<{'9' * 400}",
            "depth BETWEEN 1e308 AND -1e400",
            "coordinateUncertaintyInMeters<1e-400",
            "month=1e5",
            f"taxon IN ({','.join('1' * 300)})",
            "NOT " * 300 + "taxon='x'",
            "(" * 900,
            "(" * 400 + "taxon='x'" + ")" * 400,
            "taxon='x' AND " * 100 + "taxon='x'",
            "GEOMETRYCOLLECTION(" * 100,
            "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 100,
            "S_INTERSECTS(geometry," + "GEOMETRYCOLLECTION(" * 90 + "POINT(1 2)" + ")" * 91,
            "\"taxon\"='x'",
            "taxon='\0'",
        ]
    ),
    st.builds(
        "{} {} {}".format,
        st.sampled_from(
            [
                "taxon",
                "name",
                "depth",
                "dateStart",
                "month",
                "flag",
                "geometry",
                "nothing",
                "evidence",
            ]
        ),
        st.sampled_from(["=", "<>", "<", ">=", "IN", "LIKE", "IS NULL", "BETWEEN", "NOT IN"]),
        hostile.ODD_TEXTS.map(lambda text: f"'{text}'")
        | hostile.ODD_TEXTS
        | hostile.ODD_TEXTS.map("({})".format),
    ),
)
OGC = {
    name: hostile.joined(hostile.ODD_TEXTS)
    for name in ("bbox", "datetime", "limit", "after", "before", "f", "crs")
}
OGC |= {
    "filter": CQL2,
    "filter-lang": hostile.ODD_TEXTS,
    "bbox-crs": hostile.ODD_TEXTS,
    "datetime": hostile.ODD_TEXTS,
}
OGC |= dict.fromkeys(
    ("taxon", "name", "month", "flag", "datasetID", "license", "evidence"), FILTER["taxon"]
)

NUMBERS = ("0", "1", "00", "31", "32", "99", "2147483648", "9" * 30, "9" * 5_000)
OBSERVATIONS = (
    *(
        "/",
        "/observations/",
        "/summary/",
        "/tiles/observations/0/0/0.mvt",
        "/tiles/observations/13/4277/2600.mvt",
    ),
    *("/api/v1/observations/", "/api/v1/observations/count/", "/api/v1/observations/histogram/"),
    *("/api/v1/observations/summary/", "/ogc/collections/observations/tiles/WebMercatorQuad/0/0/0"),
)
OTHERS = (
    *(
        "/absences/",
        "/species/",
        "/species/126436/below/",
        "/datasets/",
        "/data/",
        "/suggest/",
        "/sitemap.xml",
        "/data/rules/",
    ),
    *(
        "/api/v1/datasets/",
        "/api/v1/taxa/",
        "/api/v1/taxa/tree/",
        "/api/v1/taxa/126436/tree/",
        "/api/v1/taxa/suggest/",
    ),
    *(
        "/api/v1/refresh-runs/",
        "/api/v1/statistics/",
        "/api/v1/schema/",
        "/ogc/",
        "/ogc/api",
        "/ogc/collections",
    ),
    *(
        "/accounts/login/",
        "/accounts/signup/",
        "/people/ada/",
        "/developers/",
        "/healthz",
        "/robots.txt",
    ),
)
ITEMS = ("/ogc/collections/observations/items", "/ogc/collections/datasets/items")
with override("en"):
    LANES_FULL = tuple(str(reason).encode() for reason in LaneFull.reasons.values())


@pytest.fixture(autouse=True)
def world():
    cod = factories.taxon("Gadus morhua", aphia_id=126436)
    for longitude in (5, 180, -180):
        factories.observation(taxon=cod, at=(longitude, 5.0))


def ask(method, address, **more):
    """Return the response, read to its end; an exception in a view fails the test by itself."""
    answer = Client().generic(method, address, **more)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    is_refused_by_a_lane = answer.status_code == 503 and any(text in content for text in LANES_FULL)
    assert is_refused_by_a_lane or answer.status_code < 500, (
        answer.status_code,
        address,
        content[:500],
    )
    assert not is_refused_by_a_lane or int(answer.headers["Retry-After"]) > 0
    return answer


@EXAMPLES
@given(st.sampled_from(OBSERVATIONS), hostile.queries(FILTER | OF_PAGES))
def test_every_parameter_of_the_filter(address, query):
    ask("GET", f"{address}?{query}")


@pytest.mark.parametrize(
    "text",
    [
        '{"type":["Polygon"]}',
        '{"type":"Polygon","coordinates":[[[]]]}',
        '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]],"crs":'
        + "[" * 500
        + "]" * 500
        + "}",
        "GEOMETRYCOLLECTION(" * 90,
    ],
)
def test_geometry_of_the_wrong_shape_is_a_bad_request_with_the_reason_everywhere(text):
    for address in OBSERVATIONS:
        answer = ask("GET", f"{address}?polygon={hostile.escaped(text)}")
        told = answer.content.decode()
        assert answer.status_code == 400, address
        assert any(reason in told for reason in ("not None", "not nested", "levels deep")), address
    area = BytesIO(text.encode())
    area.name = "area.json"
    assert Client().post("/q/", {"query": "", "area": area}).status_code == 400
    answer = ask("GET", f"{ITEMS[0]}?filter=S_INTERSECTS(geometry,{hostile.escaped(text)})")
    assert answer.status_code == 400


@EXAMPLES
@given(st.sampled_from(OBSERVATIONS), POLYGONS)
def test_geometry_in_addresses(address, text):
    answer = ask("GET", f"{address}?polygon={hostile.escaped(text)}")
    assert answer.status_code in (200, 204, 400, 414)


@EXAMPLES
@given(st.sampled_from(ITEMS), hostile.queries(OGC))
def test_parameters_and_filters_of_ogc_api_features(address, query):
    ask("GET", f"{address}?{query}")


@EXAMPLES
@given(st.sampled_from(OTHERS), hostile.queries(dict.fromkeys(("q", *OF_PAGES), hostile.ODD_TEXTS)))
def test_parameters_of_other_pages(address, query):
    ask("GET", f"{address}?{query}")


@EXAMPLES
@given(st.lists(st.sampled_from(NUMBERS), min_size=3, max_size=3), hostile.ODD_TEXTS)
def test_parts_of_addresses(numbers, text):
    z, x, y = numbers
    part = hostile.escaped(text[:200]).replace("/", "%2F")
    ask("GET", f"/tiles/observations/{z}/{x}/{y}.mvt")
    ask("GET", f"/ogc/collections/observations/tiles/WebMercatorQuad/{z}/{y}/{x}")
    for before, after in (
        *(
            ("/species/", "/"),
            ("/species/", "/below/"),
            ("/species/", "-cod/"),
            ("/q/", "/"),
            ("/words/", ".js"),
        ),
        *(
            ("/observations/", "/"),
            ("/datasets/", "/"),
            ("/people/", "/"),
            ("/sitemap-", ".xml"),
            ("/ogc/collections/", ""),
        ),
        *(
            ("/ogc/collections/", "/items"),
            ("/ogc/collections/observations/items/", ""),
            ("/ogc/tileMatrixSets/", ""),
        ),
        *(
            ("/api/v1/taxa/", "/"),
            ("/api/v1/taxa/", "/tree/"),
            ("/api/v1/refresh-runs/", "/"),
            ("/api/v1/", "/"),
        ),
        *(("/api/v1/selections/", "/"), ("/api/v1/datasets/", "/"), ("/api/v1/observations/", "/")),
    ):
        for told in (part, z):
            ask("GET", f"{before}{told}{after}")


@EXAMPLES
@given(
    st.sampled_from(("GET", "HEAD", "OPTIONS", "POST")),
    st.sampled_from([*OBSERVATIONS, *OTHERS, *ITEMS]),
    hostile.headers(),
)
def test_headers(method, address, headers):
    ask(method, address, headers=headers)


BODIES = st.one_of(
    hostile.VALUES.map(json.dumps),
    st.sampled_from(
        [
            "[" * 100_000,
            '{"a":' * 50_000,
            "\ud800",
            '"\\ud800"',
            "{",
            "",
            "NaN",
            "1e999",
            "9" * 5_000,
        ]
    ),
)
NAMES = (
    "email",
    "username",
    "password",
    "key",
    "newPassword",
    "currentPassword",
    "name",
    "scopes",
    "days",
    "token",
    "code",
)
FORMS = st.dictionaries(st.sampled_from(NAMES), hostile.VALUES, max_size=5).map(json.dumps)
AUTH = (
    *(
        "register",
        "login",
        "logout",
        "refresh",
        "password/change",
        "password/reset",
        "password/reset/confirm",
    ),
    *("verify-email", "verify-email/resend", "tokens", "profiles/me", "csrf"),
)


@EXAMPLES
@given(
    st.sampled_from(("POST", "PATCH", "PUT", "DELETE")),
    st.sampled_from(AUTH),
    st.one_of(BODIES, FORMS),
)
def test_bodies_of_the_accounts_api(method, name, body):
    data = body.encode("utf-8", "surrogatepass")
    ask(method, f"/api/v1/auth/{name}/", data=data, content_type="application/json")


@EXAMPLES
@given(POLYGONS, hostile.queries(FILTER), hostile.ODD_TEXTS)
def test_uploads(text, query, name):
    area = BytesIO(text.encode("utf-8", "surrogatepass"))
    area.name = "area.json"
    form = {
        "query": query,
        "area": area,
        "name": name.encode("utf-8", "replace").decode(),
        "next": query,
    }
    answer = Client().post("/q/", form)
    assert answer.status_code in (302, 400, 413, 429), answer.content[:500]
