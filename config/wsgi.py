"""The WSGI application that config/server.py serves."""

import os

from django.core.wsgi import get_wsgi_application

from config.database import bound_web_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
bound_web_connections()
