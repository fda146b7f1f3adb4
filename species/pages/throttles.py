"""Rate limits of public pages, refused with a page (see `config.http.throttles`)."""

import re

from django.http import HttpRequest, HttpResponse

from config.http.throttles import Addresses, TooManyRequests, View, limited
from species.pages.errors import too_many

ADDRESSES: Addresses = (
    # which pages ask by themselves, at each letter and each move
    (re.compile(r"/(suggest|summary)/"), "questions"),
    (re.compile(r"/\Z|/(observations|absences|species|datasets|data|people|q)/"), "pages"),
)


def throttle_visitors(get_response: View) -> View:
    """Return middleware that counts visits of pages and refuses them with a page."""
    return limited(get_response, ADDRESSES, refused_to_person)


def refused_to_person(request: HttpRequest, refusal: TooManyRequests) -> HttpResponse:
    return too_many(request, refusal.limit.reset)
