"""OpenAPI descriptions of the API: filters, headers, files and errors."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from config.http import long_addresses
from config.http.problems import MEDIA_TYPE, described, problem
from species.api.examples import EXAMPLES
from species.api.exports import CsvRenderer, LinesRenderer, SequenceRenderer
from species.api.paging import CURSOR, CURSOR_TOLD, limits
from species.errors import InvalidQuery
from species.filters import PARAMETERS, SELECTION
from species.parsing.query import MAX_LIMIT
from species.problems import problem_of
from species.suggestions import LONGEST

A_FEATURE = '{"id":"5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00","type":"Feature","geometry":...,"properties":...}\n'
FILES = {
    (200, renderer.media_type): OpenApiResponse(
        OpenApiTypes.STR, description, [OpenApiExample(f"as {renderer.format}", value=example)]
    )
    for renderer, description, example in (
        (
            CsvRenderer,
            (
                "A header with Darwin Core terms, then a row for each record with "
                "its effective licence, dataset and citation. Text that a "
                "spreadsheet would read as a formula starts with an apostrophe."
            ),
            "id,decimalLongitude,decimalLatitude,occurrenceID,...\r\n5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00,7.9,54.2,...\r\n",
        ),
        (
            SequenceRenderer,
            "A GeoJSON text sequence (RFC 8142) with one feature per record.",
            f"\x1e{A_FEATURE}",
        ),
        (LinesRenderer, "One GeoJSON feature per line.", A_FEATURE),
    )
}
REASONS = {
    400: "Invalid parameter. Each is listed with the reason.",
    404: "Not found.",
    406: "None of the formats in Accept is available.",
    410: (
        "The record was withdrawn (with its dataset, date and reason), or "
        "the saved search has expired."
    ),
    414: "The address is too long. Upload large areas on the map page instead.",
    429: "Too many requests. See Retry-After.",
    503: "The portal is busy, or the search took too long. See Retry-After.",
}
PROBLEMS = {
    400: problem_of(
        InvalidQuery({"bbox": "Enter west,south,east,north in degrees, such as -10,35,5,45."})
    ),
    404: problem(404, "Not found."),
    406: problem(406, "Could not satisfy the request Accept header."),
    410: problem(
        410,
        "This record has been withdrawn.",
        datasetID="5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00",
        datasetName="Soundings",
        withdrawn="2026-07-01",
        reason="gone_from_source",
    ),
    414: problem(414, str(long_addresses.REASON)),
    429: problem(
        429,
        "Too many requests. See Retry-After for the number of seconds to wait.",
        retryAfter=30,
    ),
    503: problem(503, "This search took too long. Add a filter, or try again later."),
}


ALWAYS = (400, 406, 414, 429, 503)


def problems(*statuses: int) -> dict[Any, OpenApiResponse]:
    """Return the other responses of an operation: 304 and the errors."""
    refused = {
        (status, MEDIA_TYPE): described(REASONS[status], PROBLEMS[status])
        for status in (*statuses, *ALWAYS)
    }
    return {304: OpenApiResponse(None, "The client's copy is up to date."), **refused}


def example(serializer: Any, name: str, description: str = "") -> OpenApiResponse:
    """Return a response with its example; a list has one row."""
    return OpenApiResponse(
        serializer, description or "Done.", [OpenApiExample(name, value=EXAMPLES[name])]
    )


def response_header(name: str, description: str, shown: str) -> OpenApiParameter:
    """Return a header of all responses."""
    examples = [OpenApiExample(f"{name} header", value=shown)]
    return OpenApiParameter(
        name,
        str,
        OpenApiParameter.HEADER,
        description=description,
        response=[200],
        examples=examples,
    )


def parameter(name: str, description: str, *examples: str, **options: Any) -> OpenApiParameter:
    """Return a query parameter. Swagger UI begins with the first example, often an empty one."""
    shown = [
        OpenApiExample(f"as {example}" if example else "not given", value=example)
        for example in examples
    ]
    return OpenApiParameter(name, str, description=description, examples=shown, **options)


PUBLIC = [
    response_header(
        "ETag",
        "Send it back as If-None-Match to get 304 until the data change.",
        'W/"17-0b3c8d51f2e6-json-5f8e6a2b"',
    ),
    response_header(
        "Last-Modified",
        "When the data last changed, for If-Modified-Since.",
        "Wed, 01 Jul 2026 09:40:00 GMT",
    ),
    response_header(
        "Link",
        "The next page (`next`), the licence and the citation.",
        '<https://portal.example/>; rel="next"',
    ),
    response_header(
        "RateLimit-Policy",
        "Quota `q` per client in windows of `w` seconds.",
        '"reads";q=1200;w=60',
    ),
    response_header("RateLimit", "Remaining quota `r` for `t` seconds.", '"reads";r=1199;t=30'),
]
FILTERS = [
    *(
        parameter(name, each.api_description(), *each.examples, **each.schema)
        for name, each in PARAMETERS.items()
    ),
    parameter(
        SELECTION,
        (
            "The filters of a saved search, by the name in its address "
            "/q/name/. Other parameters override them."
        ),
        "",
    ),
]
VIEW = parameter(
    "view",
    (
        "west,south,east,north of a map view. It is rounded out to whole "
        "map squares. The response has the exact box."
    ),
    "",
    "-10,35,5,45",
)
TAXON_FILTERS = [
    parameter("q", "Part of a scientific or common name, at least two characters.", "", "sunfish")
]
DATASET_FILTERS = [parameter("q", "Part of a title or citation, or an ID.", "", "survey")]
TYPED = [
    OpenApiParameter(
        "q",
        {"type": "string", "minLength": 2, "maxLength": LONGEST},
        description="A name, its beginning, or a similar spelling.",
        required=True,
        examples=[OpenApiExample("as harbor seal", value="harbor seal")],
    )
]
LANGUAGE = [
    OpenApiParameter(
        "language",
        {"type": "string", "pattern": "^([a-z]{2,10})?$"},
        description="Language of the common names (ISO 639-3).",
        examples=[OpenApiExample("as deu", value="deu")],
    )
]
PAGES = [
    OpenApiParameter("limit", limits(MAX_LIMIT), description="Rows per page."),
    OpenApiParameter("after", CURSOR, description=CURSOR_TOLD),
]
