"""Throttles of the public pages: the same as for programs (`config.http.throttles`), but refused with a
page.
"""

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
    """Middleware: counts each visit of a page and says what is left; a page with status 429 where
    nothing is.
    """
    return limited(get_response, ADDRESSES, refused_to_person)


def refused_to_person(request: HttpRequest, refusal: TooManyRequests) -> HttpResponse:
    return too_many(request, refusal.limit.reset)
