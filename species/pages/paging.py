"""Numbered pages: which one is asked for; any other is a 404."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest


def page_number(request: HttpRequest, pages: Paginator) -> int:
    """The page of `?page=`, the first when none is named. Raises Http404 for one that does not
    exist.
    """
    text = request.GET.get("page", "1")
    if not (
        text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= pages.num_pages
    ):
        raise Http404("There is no such page of this list.")
    return int(text)
