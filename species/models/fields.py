"""Column types that Django lacks."""

from django.db import models


class RealField(models.FloatField):
    """A PostgreSQL `real` of 4 bytes, for values from coarse grids, not for measurements."""

    def db_type(self, connection) -> str:
        return "real"


class BytewiseTextField(models.TextField):
    """Text with the C collation: all below a path is one index range in any locale."""

    def __init__(self, *args, **kwargs) -> None:
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_collation"]
        return name, path, args, kwargs
