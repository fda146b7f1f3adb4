"""Densities as packed bytes in place of arrays: a sixth of the size.

Those that there are go: until `manage.py rebuild_atlas`, or the next refresh, which builds them anew where there are
more observations than DENSITY_THRESHOLD, answers come from the observations and the sample.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("species", "0009_values"),
    ]

    operations = [
        migrations.RunSQL("TRUNCATE species_density", migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="density", name="density_keys_and_counts_pair"),
        migrations.RemoveField(model_name="density", name="keys"),
        migrations.RemoveField(model_name="density", name="counts"),
        migrations.AddField(
            model_name="density", name="entries", field=models.BinaryField(default=b""), preserve_default=False
        ),
        # They are packed as small as they get: to try again would only cost time.
        migrations.RunSQL(
            "ALTER TABLE species_density ALTER COLUMN entries SET STORAGE EXTERNAL", migrations.RunSQL.noop
        ),
    ]
