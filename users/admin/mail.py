"""Unsent mail in the admin: recipient, purpose and next attempt, but never its text."""

from django.contrib import admin

from users.admin.base import FactAdmin
from users.models import UnsentMail


@admin.register(UnsentMail)
class UnsentMailAdmin(FactAdmin):
    list_display = (
        "created_at",
        "purpose",
        "email",
        "attempts",
        "due_at",
        "expires_at",
        "ended_at",
        "last_error",
    )
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    search_fields = ("=email",)
    search_help_text = "A full email address"
    ordering = ("-pk",)
    fields = list_display
