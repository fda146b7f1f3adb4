"""The admin: the portal's data for staff, and the few settings and actions they have."""

from django.conf import settings
from django.contrib import admin

from species.admin import dataset, observation, rejected, run, taxon

__all__ = ["dataset", "observation", "rejected", "run", "taxon"]

admin.site.site_header = f"{settings.SITE_NAME}: administration"
admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "Data and people"
