"""Encryption of second factors in the database.

The key is derived from SECRET_KEY for this purpose. When SECRET_KEY is replaced, the old one must
stay in SECRET_KEY_FALLBACKS.
"""

import hmac
from base64 import urlsafe_b64encode

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class SecondFactorAdapter(DefaultMFAAdapter):
    """django-allauth's adapter, which encrypts secrets before they are stored."""

    def encrypt(self, text: str) -> str:
        return keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return keys().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            told = "A second factor was encrypted with another SECRET_KEY: name that one in SECRET_KEY_FALLBACKS."
            raise ImproperlyConfigured(told) from None


def keys() -> MultiFernet:
    """Return the current key, which encrypts, and earlier ones, which can still decrypt."""
    return MultiFernet(
        [key_of(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def key_of(secret: str) -> Fernet:
    return Fernet(urlsafe_b64encode(hmac.digest(secret.encode(), b"second factors", "sha256")))
