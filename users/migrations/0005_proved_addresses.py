"""Addresses in small letters; those of accounts that are older than the proof count as proved. The throttles' table."""

from django.core.management import call_command
from django.db import migrations
from django.db.models.functions import Lower


def prove(apps, schema_editor):
    users = apps.get_model("users", "User").objects
    users.update(email=Lower("email"))
    proofs = apps.get_model("account", "EmailAddress")
    proofs.objects.bulk_create(
        [proofs(user_id=pk, email=email, verified=True, primary=True) for pk, email in users.values_list("pk", "email")],
        ignore_conflicts=True,
    )


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", verbosity=0, database=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("users", "0004_tokens"), ("account", "0009_emailaddress_unique_primary_email")]
    operations = [
        migrations.RunPython(prove, migrations.RunPython.noop),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
