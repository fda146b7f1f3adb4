"""The app that holds taxa, datasets and observations, and everything that fills and shows them."""

from django.apps import AppConfig


class SpeciesConfig(AppConfig):
    name = "species"

    def ready(self) -> None:
        from config import checks as config_checks  # noqa: F401  # both register system checks
        from species import accounts, checks  # noqa: F401

        accounts.register_with_users()
