"""Saving, opening, naming and deleting searches."""

import re
import time
from math import ceil
from urllib.parse import urlencode

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.http.addresses import throttle_key
from config.http.csrf import accept_same_origin
from species.areas import MAX_BYTES_UPLOADED, Area, read_uploaded
from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.models import SavedSelection
from species.pages.comparison import COMPARE, compared
from species.pages.errors import too_many
from species.selections import save

SAVED_AN_HOUR = 60  # by one client address
HOUR = 3_600
LONGEST_QUERY = 20_000  # characters
# as static/js/map-address.js writes it
OPENED = re.compile(r"(record|here)=[\w.,-]{1,100}", re.ASCII)
# zoom/latitude/longitude
VIEW = re.compile(r"\d{1,2}(\.\d{1,9})?(/-?\d{1,3}(\.\d{1,9})?){2}", re.ASCII)


def accept_anonymous_same_origin(view):
    """Return the view without a CSRF cookie for anonymous visitors."""
    return accept_same_origin(view, when=lambda request: not request.user.is_authenticated)


@accept_anonymous_same_origin
@require_POST
def selection_save(request: HttpRequest) -> HttpResponse:
    """Save the query, with an uploaded area if any, and redirect to it."""
    if seconds := seconds_to_wait(throttle_key(request)):
        return too_many(request, seconds)
    try:
        question = ObservationFilter.from_query(
            QueryDict(request.POST.get("query", "")[:LONGEST_QUERY])
        )
        address, _hash, fragment = request.POST.get("shown", "")[:LONGEST_QUERY].partition("#")
        shown = shown_in(QueryDict(address.partition("?")[2]))
        saved = save(question, uploaded_area(request), request.user, name_given(request), shown)
    except InvalidQuery as refusal:
        return refused(request, 400, list(refusal.errors.values()))
    messages.success(request, told(request, saved, shown))
    return to_map(saved.question, shown, opened=fragment if OPENED.fullmatch(fragment) else "")


def shown_in(query: QueryDict) -> str:
    """Return the map's view and comparisons as a query string. Raises InvalidQuery."""
    view = [("map", query["map"])] if VIEW.fullmatch(query.get("map", "")) else []
    return urlencode([*view, *((COMPARE, other.query) for other in compared(query))], safe=",/")


def to_map(*queries: str, opened: str = "") -> HttpResponse:
    """Redirect to the map. `opened` is the fragment of the open record or square."""
    address = f"{reverse('species:observation-map')}?{'&'.join(filter(None, queries))}"
    return redirect(f"{address}#{opened}" if opened else address)


def name_given(request: HttpRequest) -> str:
    return request.POST.get("name", "").replace("\x00", "").strip()[:100]


def seconds_to_wait(client: str) -> int:
    """Count a saved search; return the seconds to wait if the client has saved too many.

    The hour begins with the client's first search.
    """
    key, now = f"selections-saved-{client}", time.time()
    began, times = cache.get(key, (now, 0))
    ends = began + HOUR
    if ends <= now:
        ends, times = now + HOUR, 0
    cache.set(key, (ends - HOUR, times + 1), HOUR)
    return ceil(ends - now) if times >= SAVED_AN_HOUR else 0


def uploaded_area(request: HttpRequest) -> Area | None:
    file = request.FILES.get("area")
    if file is None:
        return None
    try:
        return read_uploaded(file.read(MAX_BYTES_UPLOADED + 1))
    except ValueError as error:
        raise InvalidQuery({"polygon": str(error)}) from None


def told(request: HttpRequest, saved: SavedSelection, shown: str) -> str:
    """Return the message with the address and the expiry of the saved search."""
    path = reverse("species:selection-open", args=[saved.hash])
    address = request.build_absolute_uri(f"{path}?{shown}" if shown else path)
    link = format_html('<a href="{}">{}</a>', address, address)
    if saved.expires_at is None:
        return format_html(_("Search saved at {}. We keep it until you delete it."), link)
    until = date_format(saved.expires_at, "DATE_FORMAT")
    return format_html(_("Search saved at {}. We keep it until {}."), link, until)


@require_safe
def selection_open(request: HttpRequest, name: str) -> HttpResponse:
    """Redirect to the map of the saved search, or explain that it has expired.

    The map's view and comparisons come from the address, for the owner by default from the search.
    """
    live = SavedSelection.objects.live().with_hash(name)
    own = live.visible_to(request.user).first()
    saved = own or live.first()
    if saved:
        try:
            shown = shown_in(request.GET)
        except InvalidQuery as refusal:
            return refused(request, 400, list(refusal.errors.values()))
        return to_map(own.query) if own and not shown else to_map(saved.question, shown)
    if SavedSelection.objects.with_hash(name).exists():
        return refused(
            request,
            410,
            [_("This saved search has expired. Set the filters again to save a new one.")],
        )
    return refused(
        request,
        404,
        [_("There is no saved search at this address. It may have expired.")],
    )


@require_POST
def selection_name(request: HttpRequest, name: str) -> HttpResponse:
    """Rename one of the user's saved searches; an empty name removes it."""
    saved = get_object_or_404(SavedSelection.objects.visible_to(request.user), hash=name)
    saved.name = name_given(request)
    saved.save(update_fields=["name"])
    messages.success(request, _("Name saved."))
    return back(request)


@require_POST
def selection_delete(request: HttpRequest, name: str) -> HttpResponse:
    """Delete one of the user's saved searches; those of others stay."""
    get_object_or_404(SavedSelection.objects.visible_to(request.user), hash=name).delete()
    messages.success(request, _("Search deleted."))
    return back(request)


def back(request: HttpRequest) -> HttpResponse:
    """Redirect to the page in `next` if it is on this site, else to the map."""
    following = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        following, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect(following if is_ours else "species:observation-map")


def refused(request: HttpRequest, status: int, reasons: list[str]) -> HttpResponse:
    return render(
        request,
        "species/selection_refused.html",
        {"status": status, "reasons": reasons},
        status=status,
    )
