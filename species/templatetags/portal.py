"""What templates need to print the portal's facts: the menu's current page, links from upstream, masked text."""

from urllib.parse import urlsplit

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from species.masking import mask

register = template.Library()
register.filter("masked", mask)


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, href: str, text: str) -> SafeString:
    """One entry of the main menu, marked when it is the page being read."""
    request = context.get("request")
    current = format_html(' aria-current="page"') if request and request.path == href else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', href, current, text)


@register.filter
def upstream_link(address: str | None, text: str = "") -> SafeString | str:
    """An address from upstream as a link if it is a plain http(s) one, otherwise as text."""
    shown = text or address or ""
    try:
        parts = urlsplit((address or "").strip())
    except ValueError:
        return shown
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return shown
    return format_html('<a href="{}" rel="nofollow noopener">{}</a>', parts.geturl(), shown)
