"""Numbers of published observations by place, in few rows, so that a map need not read them all."""

from django.db import models

# A subject is stored in a tile of these zooms, and in its tiles down to the next one, or not.
KEY_ZOOMS = (0, 6, 10, 14)


class Face(models.IntegerChoices):
    """The layouts of keys in rows of `Density`. `species.density.codec` encodes them."""

    TOTAL = 0, "cell"
    YEAR = 1, "year and cell, of records within one year, and of undated ones; `part` is the decade"
    SPAN = 2, "first year, last year and cell, of records that span several"
    SEASON = 3, "months, depths and cell"
    PROFILE = 4, "first year, last year, months and depths, without a cell"
    SPECIES = 5, "AphiaID of the species; of everything and of datasets only"
    DATASET = 6, "dataset; of everything and of taxa only"


class Density(models.Model):
    """The number of observations by key, of one subject in one tile.

    `subject`: 0 for all observations, an AphiaID for a taxon and its descendants, or the negated
    primary key of a dataset.
    `layer`: 0 for the result of compaction; others have later additions and, with negative counts,
    removals. The current count is the sum over all layers.

    Derived from observations, and written only by `species.density.store`. Densities are stored
    only for crowded pairs of a subject and a key tile (`species.density.partitions`); for all
    other pairs, observations are read directly. A key tile at zoom 0 covers zooms 0, 2 and 4; at
    6: 6 and 8; at 10: 10 and 12; at 14: 14 and 16.
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
            # Finds the stored pairs; the next one the rows to compact.
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
