"""The WSGI application that config/server/granian_server.py serves."""

import os

from django.core.wsgi import get_wsgi_application

from config.http.content_types import read_as_utf_8
from config.http.database import bound_web_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = read_as_utf_8(get_wsgi_application())
bound_web_connections()
