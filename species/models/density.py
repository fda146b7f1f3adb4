"""Density: how many published observations lie where, folded into few rows so that a map never reads them all."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Face(models.IntegerChoices):
    """What the keys of a row of `Density` are made of; `species.atlas.faces` writes and reads them."""

    TOTAL = 0, "cell"
    YEAR = 1, "year and cell, of records within one year, and of undated ones; `part` is the decade"
    SPAN = 2, "first year, last year and cell, of records that span several"
    SEASON = 3, "months, depths and cell"
    PROFILE = 4, "first year, last year, months and depths, without a cell"
    SPECIES = 5, "AphiaID of the species; of everything and of datasets only"
    DATASET = 6, "dataset; of everything and of taxa only"


class Density(models.Model):
    """The observations of a subject in a tile as a multiset: `counts[i]` of them have `keys[i]`.

    `subject`: 0 is everything, an AphiaID is that taxon with all below it, a negative number is a dataset (-id).
    `layer`: 0 is what compaction made; the others are what later changes add to it or, as negative counts, take away.
    What a tile holds is the sum of its layers. Derived data: `species.atlas.tile` alone writes it, from observations.
    Kept for pairs of a subject and a key tile (zoom 0, 6 or 12) of more than DENSITY_THRESHOLD observations, then for
    every stored zoom of that key zoom (0, 2, 4; 6, 8, 10; 12, 14, 16); other pairs are read from the observations.
    """

    subject = models.IntegerField()
    z = models.SmallIntegerField()
    x = models.IntegerField()
    y = models.IntegerField()
    face = models.SmallIntegerField(choices=Face)
    part = models.SmallIntegerField(default=0)
    layer = models.IntegerField(default=0)
    keys = ArrayField(models.BigIntegerField())
    counts = ArrayField(models.IntegerField())

    pk = models.CompositePrimaryKey("subject", "z", "x", "y", "face", "part", "layer")

    class Meta:
        verbose_name_plural = "densities"
        constraints = [
            models.CheckConstraint(condition=models.Q(face__in=Face.values), name="density_face_known"),
            models.CheckConstraint(
                condition=models.Q(keys__len=models.F("counts__len")), name="density_keys_and_counts_pair"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} in {self.z}/{self.x}/{self.y}"
