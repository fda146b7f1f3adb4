"""robots.txt and the site map, in parts that each read one range of an index."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from species.caching import Validators, cache_version
from species.models import Dataset, Taxon

BLOCK = 20_000  # AphiaIDs of a part, so no part has more addresses; 50,000 are allowed
MOST_BLOCKS = 1_000
LASTING = 3_600  # seconds
PAGES = (
    "observation-map",
    "observation-list",
    "taxon-tree",
    "dataset-list",
    "holdings",
    "rules",
    "developers",
)


class PortalSitemap(Sitemap):
    """A site map whose links begin with PORTAL_URL, if set."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.PORTAL.origin).scheme or super().get_protocol(protocol)

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.PORTAL.origin).netloc or super().get_domain(site)


class Pages(PortalSitemap):
    def items(self) -> tuple[str, ...]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(f"species:{item}")


class Datasets(PortalSitemap):
    def items(self) -> Any:
        return Dataset.objects.listed().only("uuid", "refreshed_at")[: self.limit]

    def lastmod(self, item: Dataset) -> Any:
        return item.refreshed_at


class Taxa(PortalSitemap):
    """The observed taxa of one block of AphiaIDs."""

    def __init__(self, block: int) -> None:
        self.block = block

    def items(self) -> Any:
        first = self.block * BLOCK
        rows = Taxon.objects.observed().with_ids_between(first, first + BLOCK)
        return rows.only("aphia_id", "scientific_name")


def part(name: str) -> Sitemap:
    """Return the part of this name. Raises Http404."""
    kind, _, number = name.partition("-")
    if name in {"pages", "datasets"}:
        return Pages() if name == "pages" else Datasets()
    if kind == "taxa" and number.isascii() and number.isdigit() and len(number) < 4:
        return Taxa(int(number))
    raise Http404("There is no such part of the site map.")


def cached_by_version(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return the view with an ETag that changes with the data, checked before anything is read."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        root = request.build_absolute_uri("/")
        known = Validators(f'"{cache_version()}-{root}-{kwargs.get("name", "")}"')
        response = known.respond(request, lambda: view(request, **kwargs))
        del response.headers["Cache-Control"]
        patch_cache_control(response, public=True, max_age=LASTING)
        return response

    return answer


@require_safe
@cached_by_version
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """List the parts that are not empty."""
    blocks = (
        Taxon.objects.observed()
        .annotate(block=F("aphia_id") / BLOCK)
        .values_list("block", flat=True)
        .distinct()
    )
    names = [
        "pages",
        "datasets",
        *(f"taxa-{block}" for block in blocks.order_by("block")[:MOST_BLOCKS]),
    ]
    addresses = [
        request.build_absolute_uri(reverse("species:sitemap-part", args=[name])) for name in names
    ]
    context = {"sitemaps": [{"location": address} for address in addresses]}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@require_safe
@cached_by_version
def sitemap_part(request: HttpRequest, name: str) -> HttpResponse:
    return sitemap(
        request, {name: part(name)}, section=name, content_type="application/xml"
    ).render()


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Allow pages of taxa, datasets and records, but not filters, tiles and accounts."""
    context = {"sitemap": request.build_absolute_uri(reverse("species:sitemap"))}
    response = render(request, "robots.txt", context, content_type="text/plain")
    patch_cache_control(response, public=True, max_age=LASTING)
    return response
