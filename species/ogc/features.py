"""Observations and datasets as GeoJSON pages: RFC 7946 with the members that OGC adds."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from django.http import Http404, HttpRequest

from species.atlas.planner import QueryPlan, plan_query
from species.darwincore.attribution import ATTRIBUTION
from species.darwincore.features import Printed, box_around, columns_of, features
from species.darwincore.fields import Number
from species.darwincore.serializers import (
    DatasetSerializer,
    ObservationDetailSerializer,
    ObservationSerializer,
)
from species.errors import InvalidQuery
from species.models import CuratedObservation, Dataset
from species.models.observation_pages import Page
from species.ogc import links
from species.ogc.answers import GEOJSON
from species.ogc.reading import ItemsQuery
from species.problems import Withdrawn

DECIMALS = [
    name for name, field in ObservationSerializer().fields.items() if isinstance(field, Number)
]
SEARCHES_OF_A_PERSON = 5  # for one page, which says so and leads on
Feature = dict[str, Any]


def observations(request: HttpRequest, question: ItemsQuery) -> Feature:
    """Return a page of the observations, newest first; the first page has their number where that
    is exact.

    GDAL, and with it QGIS and R, takes a page without features for the end of the data. So programs
    get none while records are left: where the request's time ends before one is found, TookTooLong
    is an error that they report.
    """
    plan = plan_query(question.selection)
    is_page = request.ogc_format == "html"  # type: ignore[attr-defined]
    for number, page in enumerate(pages_of_observations(plan, question), 1):
        shown = features_of(page.rows)
        if shown or (is_page and number == SEARCHES_OF_A_PERSON):
            break
    as_body = orjson.loads if is_page else orjson.Fragment
    body: Feature = {
        "type": "FeatureCollection",
        "features": [as_body(each.text) for each in shown],
    }
    if shown:
        body["bbox"] = box_around(shown)
    if not (question.after or question.before):
        amount = plan.count()
        if amount.is_exact:
            body["numberMatched"] = amount.number
    if page.searched:
        body["searched"] = page.searched
    return body | about_page(request, "observations", page.next, page.previous, len(shown))


def pages_of_observations(plan: QueryPlan, question: ItemsQuery) -> Iterator[Page]:
    """Yield the page, then those that follow it; each says how many records have been searched so
    far.
    """
    rows, way = plan.newest_first()
    rows = rows.only("date_start")
    if question.before:
        page = rows.page_before(question.before, question.limit, way)
    else:
        page = rows.page(question.after or None, question.limit, way)
    yield page
    searched = page.searched or 0
    while page.next:
        page = rows.page(page.next, question.limit, way)
        searched += page.searched or 0
        yield replace(page, searched=searched or None)


def features_of(rows: list[CuratedObservation]) -> list[Printed]:
    """Return the rows of a page as features, in their order; one query."""
    asked = CuratedObservation.objects.filter(pk__in=[row.pk for row in rows])
    printed = (
        {each.pk: each for each in features(columns_of(asked, decimals=True), decimals=True)}
        if rows
        else {}
    )
    return [printed[row.pk] for row in rows if row.pk in printed]


def observation(request: HttpRequest, key: UUID) -> Feature:
    """Return one observation."""
    row = CuratedObservation.objects.at_address(key)
    if row is None:
        raise Http404("Record not found.")
    if row.withdrawn_at:
        raise Withdrawn(row)
    feature = ObservationDetailSerializer(row, context={"request": request}).data
    return with_decimals(feature) | about_item(request, "observations", key)


def with_decimals(feature: Feature) -> Feature:
    """Return the feature with measures as 50.0, not 50.

    GDAL takes the types of all features from the first ones, and would cut off decimals.
    """
    numbers = {
        name: float(value)
        for name in DECIMALS
        if (value := feature["properties"][name]) is not None
    }
    return dict(feature) | {"properties": feature["properties"] | numbers}


def datasets(request: HttpRequest, question: ItemsQuery) -> Feature:
    """Return a page of datasets, in the order in which they were added.

    They have neither place nor time, so `bbox` and `datetime` do not restrict them.
    """
    rows = Dataset.objects.listed().order_by("pk")
    asked = {"uuid": question.selection.dataset, "source": question.selection.source}
    asked["license"] = question.selection.licence
    rows = rows.filter(**{f"{column}__in": values for column, values in asked.items() if values})
    page = page_of_datasets(rows, question)
    body = {"type": "FeatureCollection", "features": [dataset_feature(row) for row in page[0]]}
    return (
        body
        | {"numberMatched": rows.count()}
        | about_page(request, "datasets", page[1], page[2], len(page[0]))
    )


def page_of_datasets(
    rows: Any, question: ItemsQuery
) -> tuple[list[Dataset], str | None, str | None]:
    """Return the rows after or before the cursor, a primary key, and the cursors of both neighbours."""
    cursor = read_key(question)
    if question.before:
        found = list(rows.filter(pk__lt=cursor).order_by("-pk")[: question.limit + 1])
        shown = found[: question.limit][::-1]
        return (
            shown,
            str(shown[-1].pk) if shown else None,
            str(shown[0].pk) if len(found) > len(shown) else None,
        )
    found = list(rows.filter(pk__gt=cursor)[: question.limit + 1])
    shown = found[: question.limit]
    previous = str(shown[0].pk) if question.after and shown else None
    return shown, str(shown[-1].pk) if len(found) > len(shown) else None, previous


def read_key(question: ItemsQuery) -> int:
    text = question.after or question.before or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        name = "after" if question.after else "before"
        raise InvalidQuery({name: "Invalid cursor. Start from the first page."})
    return int(text)


def dataset(request: HttpRequest, uuid: UUID) -> Feature:
    row = Dataset.objects.listed().filter(uuid=uuid).first()
    if row is None:
        raise Http404("Dataset not found.")
    return dataset_feature(row) | about_item(request, "datasets", uuid)


def dataset_feature(row: Dataset) -> Feature:
    properties = dict(DatasetSerializer(row).data)
    return {
        "type": "Feature",
        "id": properties["datasetID"],
        "geometry": None,
        "properties": properties,
    }


def about_page(
    request: HttpRequest, collection: str, after: str | None, before: str | None, number: int
) -> Feature:
    form = request.ogc_format  # type: ignore[attr-defined]
    found = links.own(request, GEOJSON)
    media_type = found[0]["type"]
    if after:
        found.append(
            links.link(
                links.with_format(request, form, after=after), "next", "The next page", media_type
            )
        )
    if before:
        previous = links.with_format(request, form, before=before)
        found.append(links.link(previous, "prev", "The page before", media_type))
    # No timeStamp: what has one strong ETag has the same bytes whenever it is asked for.
    found += [links.queryables(request, collection), *links.credits(request)]
    return {"links": found, "numberReturned": number, "attribution": ATTRIBUTION}


def about_item(request: HttpRequest, collection: str, key: UUID) -> Feature:
    whole = links.link(
        links.address(request, "collection", collection), "collection", "The collection"
    )
    canonical = links.link(
        links.address(request, "item", collection, key), "canonical", "This feature", GEOJSON
    )
    found = [*links.own(request, GEOJSON), canonical, whole, *links.credits(request)]
    return {"links": found, "attribution": ATTRIBUTION}
