"""Messages in a cookie with the prefix and path of the portal's other cookies."""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponse


class PrefixedCookies(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}{CookieStorage.cookie_name}"

    def _update_cookie(self, encoded_data: str, response: HttpResponse) -> None:
        had = set(response.cookies)
        super()._update_cookie(encoded_data, response)  # type: ignore[misc]  # the stubs leave it out
        if self.cookie_name in response.cookies and self.cookie_name not in had:
            response.cookies[self.cookie_name]["path"] = settings.SESSION_COOKIE_PATH


class Messages(FallbackStorage):
    storage_classes: Any = (PrefixedCookies, SessionStorage)
