"""App configurations: user accounts, and an admin site that uses the portal's log-in page."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class UsersConfig(AppConfig):
    name = "users"
    default = True

    def ready(self) -> None:
        from users import checks  # noqa: F401  # registers the system checks


class PortalAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "users.site.PortalAdminSite"
