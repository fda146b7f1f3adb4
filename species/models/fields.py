"""Two column types that Django lacks: single-precision numbers, and text that sorts by its bytes."""

from django.db import models


class RealField(models.FloatField):
    """A PostgreSQL `real` (4 bytes): for values read off coarse grids, never for what a provider
    measured.
    """

    def db_type(self, connection) -> str:
        return "real"


class BytewiseTextField(models.TextField):
    """Text under the C collation, so that everything below a path is one index range whatever the
    locale.
    """

    def __init__(self, *args, **kwargs) -> None:
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_collation"]
        return name, path, args, kwargs
