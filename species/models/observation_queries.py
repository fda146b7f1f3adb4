"""The queryset vocabulary of observations: who sees what, and what a selection matches."""

from typing import TYPE_CHECKING, Self

from django.contrib.gis.db import models

if TYPE_CHECKING:
    from species.models.observation import CuratedObservation  # noqa: F401  # named in a string below


class ObservationQuerySet(models.QuerySet["CuratedObservation"]):
    """Every public path starts with `published()`."""

    def published(self) -> Self:
        """Sightings on show: neither withdrawn nor absences."""
        return self.filter(withdrawn_at__isnull=True, occurrence_status="present")
