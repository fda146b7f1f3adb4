"""Permissions-Policy: pages may use the device's location and passkeys, and nothing else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

OURS = ("geolocation", "publickey-credentials-create", "publickey-credentials-get")
NOBODYS = (
    *(
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "display-capture",
        "encrypted-media",
        "gyroscope",
    ),
    *(
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "screen-wake-lock",
        "serial",
        "usb",
    ),
    "xr-spatial-tracking",
)
POLICY = ", ".join([*(f"{name}=(self)" for name in OURS), *(f"{name}=()" for name in NOBODYS)])


def add_permissions_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that adds the header to every response."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        return response

    return answer
