"""What templates need to print the portal's facts: the menu, links from upstream, masked text,
facts in words.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.shortcuts import resolve_url
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from species.filters import ObservationFilter
from species.masking import mask, mask_addresses
from species.models import CuratedObservation, Taxon
from species.pages import names, words
from users import units
from users.languages import language_name, language_tag, of_page

ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}

register = template.Library()
register.filter("masked", mask)
register.filter("dates", words.dates)
register.filter("depth", words.depth)
register.filter("metres", units.metres)
register.filter("language", language_name)
register.filter("language_tag", language_tag)
register.filter("rank", names.rank)
register.filter("taxon_status", names.status)
register.filter("red_list", names.red_list)
register.filter("habitats", names.habitats)
# of a text that is marked elsewhere; {% translate %} loses those with a percent sign
register.filter("in_words", _)


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, page: str, text: str) -> SafeString:
    """Return a menu entry for a page (a view name or an address), marked when it is the page being
    read.
    """
    request, href = context.get("request"), resolve_url(page)
    is_current = request is not None and request.path == href
    template_text = (
        '<li><a href="{}" aria-current="page">{}</a></li>'
        if is_current
        else '<li><a href="{}">{}</a></li>'
    )
    return format_html(template_text, href, text)


@register.simple_tag
def json_ld(data: dict[str, Any]) -> SafeString:
    """Linked data as a block of JSON; browsers never run it, so the content security policy lets it
    stand.
    """
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    escaped = mark_safe(text)  # noqa: S308  # nosec B308 B703
    return format_html('<script type="application/ld+json">{}</script>', escaped)


@register.filter
def coordinates(row: CuratedObservation, digits: int = 6) -> str:
    return words.coordinates(row.location.x, row.location.y, digits)


@register.filter
def classification(taxon: Taxon) -> list[str]:
    """Phylum to genus, those that are known."""
    names = (taxon.phylum, taxon.class_name, taxon.order_name, taxon.family, taxon.genus)
    return [name for name in names if name]


@register.filter
def vernacular(row: CuratedObservation) -> str:
    """The common name, with its language where that is not the page's; none of a taxon credited to
    AlgaeBase.

    The one that the view has found in the visitor's language, else the row's own.
    """
    name, language = getattr(row, "name_for_visitor", None) or (
        row.common_name,
        settings.VERNACULAR_LANGUAGE,
    )
    if row.taxon.credits_algaebase or not name:
        return ""
    return mask(name) + ("" if language == of_page() else f" ({language_name(language)})")


@register.filter
def shore(distance: float) -> str:
    """How far the shore is, of metres; negative is inland."""
    text = units.distance(abs(distance))
    return _("%(distance)s inland") % {"distance": text} if distance < 0 else text


@register.filter
def breakable(code: str) -> SafeString:
    """Return a name such as NO_DEPTH that a narrow column breaks after its underscores only."""
    return format_html_join(SafeString("_<wbr>"), "{}", ((part,) for part in code.split("_")))


@register.filter
def unlocalized(value: Any) -> str:
    """A number as scripts read it; "" for none."""
    return "" if value is None else repr(float(value))


@register.filter
def next_page(selection: ObservationFilter, cursor: str) -> str:
    """The query string of the page behind the cursor."""
    return selection.query_string(after=cursor)


@register.filter
def upstream_link(address: str | None, text: str = "") -> SafeString | str:
    """An address from upstream as a link, otherwise as text; the text is masked.

    Only plain http(s) addresses become links, and none that holds somebody's e-mail address.
    """
    shown = mask(text or address)
    try:
        parts = urlsplit((address or "").strip())
    except ValueError:
        return shown
    is_plain = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    if not is_plain or mask_addresses(parts.geturl()) != parts.geturl():
        return shown
    return format_html('<a href="{}" rel="nofollow noopener">{}</a>', parts.geturl(), shown)
