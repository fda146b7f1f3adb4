"""The app that holds taxa, datasets and observations, and everything that fills and shows them."""

from django.apps import AppConfig


class SpeciesConfig(AppConfig):
    name = "species"

    def ready(self) -> None:
        from species import checks  # noqa: F401  # registers the system checks
