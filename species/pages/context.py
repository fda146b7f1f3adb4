"""What every page's frame needs."""

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, object]:
    return {"site_name": settings.SITE_NAME}
