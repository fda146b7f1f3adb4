"""The template context of the page's frame."""

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from species.models import Dataset


def portal(request: HttpRequest) -> dict[str, object]:
    return {
        "site_name": settings.SITE_NAME,
        "home": reverse("species:observation-map"),
        "share_image": SimpleLazyObject(lambda: share_image(request)),
        "basemap_tile_url": settings.BASEMAP_TILE_URL,
        "basemap_attribution": settings.BASEMAP_ATTRIBUTION,
        # Asked only by pages that show the banner: six rows at most carry this source.
        "has_demonstration_data": SimpleLazyObject(has_demonstration_data),
    }


def share_image(request: HttpRequest) -> str:
    """Return the address of the image for shared links, a path if the host is invalid."""
    image = static("img/share.png")
    try:
        return request.build_absolute_uri(image)
    except DisallowedHost:
        return image


def has_demonstration_data() -> bool:
    return Dataset.objects.listed().demonstration().exists()
