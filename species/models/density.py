"""Density: how many published observations lie where, folded into few rows so that a map never
reads them all.
"""

from django.db import models

# at which it is decided whether a subject is kept in a tile, down to the next of them
KEY_ZOOMS = (0, 6, 10, 14)


class Face(models.IntegerChoices):
    """The layouts of the keys of a row of `Density`, encoded by `species.density.codec`."""

    TOTAL = 0, "cell"
    YEAR = 1, "year and cell, of records within one year, and of undated ones; `part` is the decade"
    SPAN = 2, "first year, last year and cell, of records that span several"
    SEASON = 3, "months, depths and cell"
    PROFILE = 4, "first year, last year, months and depths, without a cell"
    SPECIES = 5, "AphiaID of the species; of everything and of datasets only"
    DATASET = 6, "dataset; of everything and of taxa only"


class Density(models.Model):
    """The observations of a subject in a tile as a multiset: so many of each key, as
    `species.density.codec` packs it.

    `subject`: 0 is everything, an AphiaID is that taxon with all below it, a negative number is a
    dataset (-id). `layer`: 0 is what compaction made; the others are what later changes add to it
    or, as negative counts, take away. What a tile holds is the sum of its layers. Derived data:
    `species.density.store` alone writes it, from observations. Kept for pairs of a subject and a key
    tile that are crowded (`species.density.partitions`), then for every stored zoom of its key zoom (0,
    2, 4; 6, 8; 10, 12; 14, 16); other pairs are read from the observations.
    """

    subject = models.IntegerField()
    z = models.SmallIntegerField()
    x = models.IntegerField()
    y = models.IntegerField()
    face = models.SmallIntegerField(choices=Face)
    part = models.SmallIntegerField(default=0)
    layer = models.IntegerField(default=0)
    entries = models.BinaryField()

    pk = models.CompositePrimaryKey("subject", "z", "x", "y", "face", "part", "layer")

    class Meta:
        verbose_name_plural = "densities"
        indexes = [
            # Which pairs are kept, and which rows compaction has work with.
            models.Index(
                fields=["subject", "z", "x", "y"],
                condition=models.Q(face=Face.TOTAL, layer=0, z__in=KEY_ZOOMS),
                name="density_pair",
            ),
            models.Index(
                fields=["subject", "z", "x", "y", "face", "part"],
                condition=models.Q(layer__gt=0),
                name="density_layered",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(face__in=Face.values), name="density_face_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} in {self.z}/{self.x}/{self.y}"
