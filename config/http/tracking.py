"""Removal of tracking parameters, which mail programs and social networks add to addresses."""

import re
from collections.abc import Callable
from urllib.parse import quote_plus, unquote_plus

from django.http import HttpRequest, HttpResponse, QueryDict

# Programs get no help: their interfaces refuse every unknown parameter.
STRICT = ("/api/", "/tiles/", "/ogc", "/admin/")
TRACKING = re.compile(
    r"utm_\w+|(?:fb|g|d|y|tt|tw)clid|msclkid|[gw]braid|gclsrc|gad_\w+|mc_[ce]id|igshid|igsh|si|_ga|_gl"
    r"|_hs(?:enc|mi)|hsa_\w+|mtm_\w+|pk_\w+|piwik_\w+|matomo_\w+|mkt_tok|srsltid|li_fat_id|vero_\w+|oly_\w+|s_cid"
    r"|ref_src|trk|_openstat|at_\w+|sc_campaign",
    re.ASCII | re.IGNORECASE,
)
# what is left of a copied "&amp;" when "&" separates
ESCAPED = re.compile(r"(?:amp;)+", re.IGNORECASE)


def remove_tracking(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that removes tracking parameters and repairs names such as `amp;to`."""

    def answer(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if (
            query
            and not request.path_info.startswith(STRICT)
            and (clean := without_tracking(query)) != query
        ):
            request.META["QUERY_STRING"] = clean
            request.GET = QueryDict(clean, encoding=request.encoding)
        return get_response(request)

    return answer


def without_tracking(query: str) -> str:
    """Return the query string without tracking parameters; everything else is unchanged."""
    kept = []
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        decoded = unquote_plus(name)
        plain = ESCAPED.match(decoded)
        if TRACKING.fullmatch(decoded[plain.end() :] if plain else decoded):
            continue
        kept.append(f"{quote_plus(decoded[plain.end() :])}{equals}{value}" if plain else part)
    return "&".join(kept)
