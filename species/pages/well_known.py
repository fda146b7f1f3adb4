"""Well-known addresses for browsers, phones and password managers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

A_DAY = 86_400
keep_for_a_day = cache_control(public=True, max_age=A_DAY)


@require_safe
@keep_for_a_day
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("img/favicon.ico"))


@require_safe
@keep_for_a_day
def touch_icon(request: HttpRequest) -> HttpResponse:
    return redirect(static("img/apple-touch-icon.png"))


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Redirect to the page that changes the password (W3C change-password-url)."""
    return redirect("account_change_password")
