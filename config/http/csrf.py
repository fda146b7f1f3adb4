"""Accept forms of this site without a CSRF cookie, and let expired forms be sent again."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_variables

View = Callable[..., HttpResponse]
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the field's name
# of fields that no page repeats
SECRET_WORDS = ("password", "code", "secret", "token", "credential", "key")

LABELS = {
    "password": gettext_noop("Password"),
    "password1": gettext_noop("Password"),
    "oldpassword": gettext_noop("Current password"),
    "area": gettext_noop("Upload an area (GeoJSON)"),
}


def accept_same_origin(
    view: View, *, when: Callable[[HttpRequest], bool] = lambda request: True
) -> View:
    """Return the view without the CSRF check for requests that the browser vouches for.

    Public pages then need no cookie for their forms. Any other request needs the token.
    """
    with_token = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_from_here(request) and when(request):
            return view(request, *args, **kwargs)
        return with_token(request, *args, **kwargs)

    return answer


def is_from_here(request: HttpRequest) -> bool:
    """Return whether the browser says that the request comes from this site or a trusted origin."""
    fetched_from = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin") or origin_of(request.headers.get("Referer", ""))
    here = f"{request.scheme}://{request.get_host()}"
    return fetched_from == "same-origin" and origin in {here, *settings.CSRF_TRUSTED_ORIGINS}


def origin_of(address: str) -> str:
    """Return scheme and host of an address, or ""."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


class Field(NamedTuple):
    """A field of the form to send again; secret values are left out."""

    name: str
    value: str
    is_secret: bool

    @property
    def label(self) -> str:
        return label_of(self.name)


def label_of(name: str) -> str:
    """Return the label of a field, or its name if it has none here."""
    return gettext(LABELS[name]) if name in LABELS else name


@sensitive_variables()
def explain_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the 403 page, for a form of this site with its values, to be sent again."""
    context: dict[str, Any] = {"can_resend": is_from_here(request) and request.method == "POST"}
    if context["can_resend"]:
        context |= {
            "fields": list(fields_of(request)),
            "files": [(name, label_of(name)) for name in request.FILES],
            "address": request.get_full_path(),
        }
    return render(request, "403_csrf.html", context, status=403)


def fields_of(request: HttpRequest) -> Iterator[Field]:
    for name, values in request.POST.lists():
        if name == TOKEN:
            continue
        is_secret = any(word in name.lower() for word in SECRET_WORDS)
        yield from (Field(name, "" if is_secret else value, is_secret) for value in values)
