"""Django's admin behind the portal's log-in, with its throttle and second factor."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from users.models import User


class PortalAdminSite(AdminSite):
    """The admin. Staff without a second factor must set one up first, if the setting says so."""

    site_url = reverse_lazy("species:observation-map")  # type: ignore[assignment]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_second_factor(request.user)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return secure_admin_login(enter)(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return logout(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("account_change_password")


def lacks_second_factor(user: Any) -> bool:
    return settings.STAFF_NEEDS_TWO_FACTOR and isinstance(user, User) and not is_mfa_enabled(user)


def enter(request: HttpRequest) -> HttpResponse:
    """Redirect logged-in staff to the admin, or to set up the second factor that they lack."""
    if lacks_second_factor(request.user):
        messages.warning(request, _("Set up two-factor login, then open the admin again."))
        return redirect("mfa_index")
    return redirect("admin:index")
