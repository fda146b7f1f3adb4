"""Second factors as the database holds them: of no use without the portal's key."""

from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from tests.users.people import person
from users.second_factors import SecondFactorAdapter

pytestmark = pytest.mark.django_db


def test_the_database_holds_neither_the_app_s_secret_nor_the_codes():
    ada, secret = person("ada"), generate_totp_secret()
    TOTP.activate(ada, secret)
    codes = RecoveryCodes.activate(ada).get_unused_codes()
    held = str(list(Authenticator.objects.values("data")))
    assert [text for text in (secret, *codes) if text in held] == []
    again = RecoveryCodes(Authenticator.objects.get(type="recovery_codes"))
    assert again.get_unused_codes() == codes
    assert again.validate_code(codes[0])


def test_a_secret_outlives_a_new_key_while_the_old_one_is_named(settings):
    kept = SecondFactorAdapter().encrypt("JBSWY3DP")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "n" * 50
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS"):
        SecondFactorAdapter().decrypt(kept)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert SecondFactorAdapter().decrypt(kept) == "JBSWY3DP"


@pytest.mark.parametrize("text", ["", "JBSWY3DP", "gAAAAx", "é"])
def test_what_was_not_encrypted_here_is_no_secret(text):
    with pytest.raises(ImproperlyConfigured):
        SecondFactorAdapter().decrypt(text)


def test_what_was_kept_in_plain_text_before_is_encrypted_by_a_migration():
    ada, secret = person("ada"), generate_totp_secret()
    Authenticator.objects.create(user=ada, type="totp", data={"secret": secret})
    Authenticator.objects.create(
        user=ada, type="recovery_codes", data={"seed": "a" * 40, "used_mask": 0}
    )
    migration = import_module("users.migrations.0006_encrypt_second_factors")
    migration.encrypt(apps, None)
    kept = Authenticator.objects.get(type="totp")
    assert secret not in str(kept.data)
    assert SecondFactorAdapter().decrypt(kept.data["secret"]) == secret
    assert (
        len(RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes())
        == 10
    )
    migration.decrypt(apps, None)
    assert Authenticator.objects.get(type="totp").data == {"secret": secret}
