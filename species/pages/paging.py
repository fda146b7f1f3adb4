"""Numbered pages."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest


def page_number(request: HttpRequest, pages: Paginator) -> int:
    """Return the number in `?page=`, by default 1. Raises Http404 beyond the last page."""
    text = request.GET.get("page", "1")
    if not (
        text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= pages.num_pages
    ):
        raise Http404("There is no such page of this list.")
    return int(text)
