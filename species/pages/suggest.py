"""The search for a taxon: suggestions, or a page of results without JavaScript."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from species.filters import PARAMETERS
from species.pages.htmx import HtmxRequest
from species.suggestions import suggestions

LASTING = 300  # seconds that a browser may keep suggestions: names change with a refresh only
LONGEST_QUESTION = 4_000  # characters of the conditions that a choice keeps


@vary_on_headers("HX-Request", "Accept-Language")
@require_safe
def suggest(request: HtmxRequest) -> HttpResponse:
    """Show matching taxa, as options for htmx or else as a page of links."""
    text = request.GET.get("q", "")
    context: dict[str, object] = {
        "text": text[:LONGEST_QUESTION],
        "kept": kept(request.GET.get("keep", "")),
    }
    try:
        context["found"] = suggestions(text)
    except ValueError as error:
        context["error"] = str(error)
    template = "species/suggest.html" + ("#options" if request.htmx else "")
    response = render(request, template, context, status=400 if "error" in context else 200)
    if request.htmx:
        patch_cache_control(response, private=True, max_age=LASTING)
    return response


def kept(query: str) -> str:
    """Return the other filters as the start of a query string ("" or "depth=0,50&")."""
    asked = QueryDict(query[:LONGEST_QUESTION], mutable=True)
    for name in set(asked) - set(PARAMETERS) | {"taxon", "q"}:
        asked.pop(name, None)
    return asked.urlencode(safe=",") + "&" if asked else ""
