"""Accounts, groups, the audit log and unsent mail in the admin."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin

from users.admin import account, audit, mail

# Whoever could edit these could take over any account, a superuser's too.
admin.site.unregister((EmailAddress, Authenticator, UserSession))

__all__ = ["account", "audit", "mail"]
