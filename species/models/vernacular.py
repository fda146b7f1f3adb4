"""Common names of taxa."""

from collections.abc import Iterable
from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models


class VernacularNameQuerySet(models.QuerySet["VernacularName"]):
    """Querysets of common names."""

    def chosen(self, language: str) -> Self:
        """Return one name per taxon: the editor's, else the most used, else the first in order."""
        best_first = ("taxon_id", "-is_preferred", "-record_count", "name")
        return self.filter(language=language).order_by(*best_first).distinct("taxon_id")

    def of_taxa(self, taxa: Iterable[int]) -> Self:
        """Return the names of the taxa with these AphiaIDs."""
        return self.filter(taxon__in=taxa)

    def by_language(self) -> Self:
        """Return the names by language, the best of each first, as in `chosen`."""
        return self.order_by("language", "-is_preferred", "-record_count", "name")


class VernacularName(models.Model):
    """A common name of a taxon in one language. Only editors set `is_preferred`."""

    taxon = models.ForeignKey("Taxon", models.CASCADE, related_name="vernacular_names")
    language = models.CharField(max_length=10, help_text="ISO 639-3, as WoRMS gives it.")
    name = models.TextField()
    is_preferred = models.BooleanField("preferred", default=False)
    record_count = models.PositiveIntegerField(
        default=0, help_text="Records that came in with this name."
    )

    objects = VernacularNameQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(models.functions.Upper("name"), name="vernacular_name"),
            GinIndex(
                OpClass(models.functions.Upper("name"), "gin_trgm_ops"), name="vernacular_name_part"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["taxon", "language", "name"], name="vernacular_once"),
            models.UniqueConstraint(
                fields=["taxon", "language"],
                condition=models.Q(is_preferred=True),
                name="vernacular_one_preferred",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="vernacular_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
