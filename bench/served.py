"""The portal with bare views and plain lists beside it, measured by `bench/atlas_requests.py`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"")


def one(request: HttpRequest) -> HttpResponse:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse(b"")


settings.ROOT_URLCONF = "served_urls"
application = get_wsgi_application()
