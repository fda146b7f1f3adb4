"""Encrypt the secrets of second factors that were kept in plain text before `users.second_factors`."""

from django.db import migrations

from users.second_factors import keys

SECRETS = {"totp": "secret", "recovery_codes": "seed"}


def encrypt(apps, schema_editor):
    change(apps, keys().encrypt)


def decrypt(apps, schema_editor):
    change(apps, keys().decrypt)


def change(apps, how):
    for factor in apps.get_model("mfa", "Authenticator").objects.filter(type__in=SECRETS):
        name = SECRETS[factor.type]
        if name in factor.data:
            factor.data[name] = how(factor.data[name].encode()).decode()
            factor.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0005_proved_addresses"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, decrypt)]
