"""Let the index on tiles tell places within them apart, so that a tile of any zoom from 6 to 14 is one range of it."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.expressions import RawSQL

PLACE = " | ".join(
    f"((grid_row >> {14 + bit} & 1) << {2 * bit + 1}) | ((grid_column >> {14 + bit} & 1) << {2 * bit})"
    for bit in range(8)
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("species", "0012_density_key_zooms"),
    ]

    operations = [
        RemoveIndexConcurrently(model_name="curatedobservation", name="observation_in_tile"),
        AddIndexConcurrently(
            model_name="curatedobservation",
            index=models.Index(
                models.F("tile"),
                RawSQL(PLACE, (), output_field=models.IntegerField()),
                models.F("taxon_ordinal"),
                condition=models.Q(("occurrence_status", "present"), ("withdrawn_at__isnull", True)),
                include=(
                    *("grid_column", "grid_row", "date_end", "minimum_depth_in_meters", "maximum_depth_in_meters"),
                    *("dataset", "date_start"),
                ),
                name="observation_in_tile",
            ),
        ),
        migrations.RunSQL("ANALYZE species_curatedobservation", migrations.RunSQL.noop),
    ]
