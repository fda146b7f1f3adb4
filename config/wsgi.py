"""The WSGI application that config/server.py serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# No visitor's question may hold a connection for ever; commands (a refresh, a migration) have no such bound.
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "10000")
application = get_wsgi_application()
