"""Links between resources, with absolute addresses and OGC's relation types."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from species.darwincore.attribution import OBIS_LICENSE
from species.ogc.answers import HTML, JSON, SCHEMA

OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
TITLES = {"html": "as HTML", "json": "as JSON"}


def address(request: HttpRequest, name: str, *args: Any) -> str:
    return request.build_absolute_uri(reverse(f"ogc:{name}", args=args))


def link(href: str, rel: str, title: str, media_type: str = JSON, **others: Any) -> dict[str, Any]:
    return {"href": href, "rel": rel, "type": media_type, "title": title} | others


def own(request: HttpRequest, media_type: str = JSON) -> list[dict[str, Any]]:
    """Return the links to this resource in both formats, as `self` and `alternate`."""
    types = {"json": media_type, "html": HTML}
    is_html = request.ogc_format == "html"  # type: ignore[attr-defined]
    forms = ("html", "json") if is_html else ("json", "html")
    return [
        link(with_format(request, form), rel, f"This {TITLES[form]}", types[form])
        for rel, form in zip(("self", "alternate"), forms, strict=True)
    ]


def with_format(request: HttpRequest, form: str, **changed: str) -> str:
    """Return the request's address in this format; a new cursor replaces the old one."""
    query = request.GET.copy()
    if changed:
        query.pop("after", None)
        query.pop("before", None)
    for name, value in (changed | {"f": form}).items():
        query[name] = value
    return request.build_absolute_uri(f"{request.path}?{query.urlencode(safe=',:/')}")


def queryables(request: HttpRequest, collection: str) -> dict[str, Any]:
    """Return the link to the queryables."""
    href = address(request, "queryables", collection)
    return link(href, f"{OGC}queryables", f"Queryables of {collection}", SCHEMA)


def credits(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the links to licence and citation."""
    cite = request.build_absolute_uri(reverse("species:holdings"))
    return [
        link(
            OBIS_LICENSE,
            "license",
            "OBIS as a whole: CC BY-NC 4.0. Each record has its own licence.",
            HTML,
        ),
        link(cite, "describedby", "How to cite OBIS, WoRMS and each dataset", HTML),
    ]
