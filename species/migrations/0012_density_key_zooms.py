"""Decide at the zooms 0, 6, 10 and 14 what is kept; densities that were kept otherwise go, as in 0010."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("species", "0011_unchecked_side_rows"),
    ]

    operations = [
        migrations.RunSQL("TRUNCATE species_density", migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="density", name="density_pair"),
        migrations.AddIndex(
            model_name="density",
            index=models.Index(
                fields=["subject", "z", "x", "y"],
                condition=models.Q(face=0, layer=0, z__in=(0, 6, 10, 14)),
                name="density_pair",
            ),
        ),
    ]
