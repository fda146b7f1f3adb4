"""The addresses of `bench/served.py`."""

from django.urls import include, path
from served import empty, one

urlpatterns = [path("bench/empty/", empty), path("bench/one/", one), path("", include("config.urls"))]
