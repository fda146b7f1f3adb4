"""Accounts in the admin: staff keep accounts in order, only superusers give rights, and nobody raises themself."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import AnonymousUser, Group
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from users.forms import AccountAddForm, AccountChangeForm
from users.models import User

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts by e-mail address. A member of staff who is no superuser touches only themself and ordinary accounts."""

    form = AccountChangeForm
    add_form = AccountAddForm
    add_form_template = None
    list_display = ("username", "email", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff", "is_superuser")
    search_fields = ("username", "email")
    search_help_text = "Part of a username or an e-mail address"
    ordering = ("-pk",)
    readonly_fields = ("date_joined", "last_login")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "username", "password")}),
        ("In the portal", {"fields": ("role", "is_active")}),
        ("Rights", {"fields": RIGHTS}),
        ("Dates", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "username", "role", "usable_password", "password1", "password2"),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        if obj is not None and obj == request.user:
            return (*fields, *RIGHTS, "role", "is_active")
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and may_touch(request.user, obj) and obj != request.user

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        return again_when_taken(super().add_view, request, form_url, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return again_when_taken(super().change_view, request, object_id, form_url, extra_context)


def may_touch(user: User | AnonymousUser, account: User | None) -> bool:
    """Superusers touch every account, others themself and those without entry to the admin."""
    return user.is_superuser or account is None or account == user or not (account.is_staff or account.is_superuser)


def again_when_taken(view, *arguments) -> HttpResponse:
    """Ask a second time when somebody took the name after the form looked: now the form itself says so."""
    try:
        return view(*arguments)
    except IntegrityError:
        return view(*arguments)


admin.site.unregister(Group)


@admin.register(Group)
class RightsGroupAdmin(GroupAdmin):
    """Groups carry rights, so only superusers see or change them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission
