"""Long lists as files, in the order of the list and in constant memory.

The end of a file is decided before its first byte: its Link header has the address of the next file,
and a file without that header ends the list. Records are read window by window, each in a query of
its own, so no transaction stays open while a slow client reads.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from config.http import lanes
from config.http.throttles import charge
from species.api.paging import in_order_of_keys, next_link, read_cursor
from species.darwincore.features import Printed, columns_of, features
from species.darwincore.tables import Table
from species.models.observation_pages import Way
from species.models.observation_queries import ObservationQuerySet
from species.parsing.query import read_limit

WINDOW = 2_000  # records that are held at once
SEARCHES = 25  # how many times as many records a file looks through as a page does


class ExportRenderer(JSONRenderer):
    """A file format; `pieces` turns windows of features into text.

    It renders errors only, always as problem documents.
    """

    charset = None
    file_name = ""


class CsvRenderer(ExportRenderer):
    """Comma-separated values with Darwin Core terms."""

    media_type, format, file_name = "text/csv", "csv", "observations.csv"

    def pieces(self, windows: Iterable[list[Printed]]) -> Iterator[str]:
        table = Table()
        yield table.head()
        for window in windows:
            yield "".join(table.lines(window))


class SequenceRenderer(ExportRenderer):
    """GeoJSON text sequence (RFC 8142): features between record separators and line feeds."""

    media_type, format, file_name = (
        "application/geo+json-seq",
        "geojsonseq",
        "observations.geojsons",
    )
    before = "\x1e"

    def pieces(self, windows: Iterable[list[Printed]]) -> Iterator[str]:
        for window in windows:
            yield "".join(f"{self.before}{feature.text}\n" for feature in window)


class LinesRenderer(SequenceRenderer):
    """The same without record separators: one feature a line, as many programs read it."""

    media_type, format, file_name = "application/x-ndjson", "ndjson", "observations.ndjson"
    before = ""


EXPORTS: list[type[ExportRenderer]] = [SequenceRenderer, LinesRenderer, CsvRenderer]


class Stretch(NamedTuple):
    """The records of one file: after key `after`, up to key `last`, and whether more may follow."""

    after: int
    last: int
    goes_on: bool


def exported(request: Request, rows: ObservationQuerySet, way: Way) -> HttpResponseBase:
    """Return the file in the agreed format. Raises TooManyRequests, and LaneFull while too many are
    made.
    """
    is_head = request.method == "HEAD"
    place = None if is_head else lanes.take("downloads")
    if not is_head:
        charge(request._request, "exports")
    renderer: Any = request.accepted_renderer
    limit = read_limit(request.query_params, settings.EXPORT_BOUND, settings.EXPORT_BOUND)
    stretch = stretch_of(rows, read_cursor(request), limit, way)
    pieces = renderer.pieces(windows(rows, stretch, way))
    # of unknown length
    response = StreamingHttpResponse(lanes.Held(pieces, place) if place else [])
    charset = "; charset=utf-8" if renderer.media_type.startswith("text/") else ""
    response.headers["Content-Type"] = renderer.media_type + charset
    response.headers["Content-Disposition"] = f'attachment; filename="{renderer.file_name}"'
    if stretch.goes_on:
        response.headers["Link"] = next_link(request, stretch.last, renderer.media_type)
    return response


def stretch_of(rows: ObservationQuerySet, after: int, limit: int, way: Way) -> Stretch:
    """Return the records of the next file; at most three queries, of keys alone.

    The last file ends at the newest record of all.
    """
    found, last = in_order_of_keys(rows, after, way, SEARCHES)
    keys = list(found.values_list("pk", flat=True)[limit - 1 : limit + 1])
    last = keys[0] if len(keys) > 1 else last
    if last:
        return Stretch(after, last, goes_on=True)
    newest = rows.model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
    return Stretch(after, newest or 0, goes_on=False)


def windows(rows: ObservationQuerySet, stretch: Stretch, way: Way) -> Iterator[list[Printed]]:
    """Yield the features of the stretch in windows, up to its last record.

    The next file begins after that record; without a next file, records published meanwhile belong to
    a later list.
    """
    rows, after = rows.filter(pk__lte=stretch.last), stretch.after
    while True:
        ordered, _ = in_order_of_keys(rows, after, Way(way.ordering))
        window = list(features(columns_of(ordered)[:WINDOW]))
        yield window
        if len(window) < WINDOW or window[-1].pk == stretch.last:
            return
        after = window[-1].pk
