"""Accounts in the admin. Only superusers change roles, rights and privileged accounts."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from users import deletion, standing
from users.admin.base import StrictAdmin
from users.audit import Action, record
from users.forms import AccountAddForm, AccountChangeForm, again_when_taken
from users.models import Role, User
from users.roles import decides_requests

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
PRIVILEGES = (*RIGHTS, "role")


@admin.register(User)
class AccountAdmin(StrictAdmin, UserAdmin):
    """Accounts by email address. Staff edit only themselves and ordinary accounts."""

    form = AccountChangeForm
    add_form = AccountAddForm
    add_form_template = None
    list_display = ("username", "email", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff", "is_superuser")
    search_fields = ("username", "email")
    search_help_text = "Part of a username or email address"
    ordering = ("-pk",)
    readonly_fields = ("date_joined", "last_login")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "username", "password")}),
        ("In the portal", {"fields": ("role", "is_active", "display_name", "is_public")}),
        ("Rights", {"fields": RIGHTS}),
        ("Dates", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "email",
                    "username",
                    "role",
                    "usable_password",
                    "password1",
                    "password2",
                ),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        if obj is not None and obj == request.user:
            return (*fields, *PRIVILEGES, "is_active")
        return fields if request.user.is_superuser else (*fields, *PRIVILEGES)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return (
            super().has_delete_permission(request, obj)
            and may_touch(request.user, obj)
            and obj != request.user
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        refuse_privileges(request)
        return again_when_taken(super().add_view, request, form_url, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        refuse_privileges(request, self.get_object(request, unquote(object_id)))
        return again_when_taken(super().change_view, request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Save and log the account, and end log-ins and the proof of the address as needed."""
        super().save_model(request, obj, form, change)
        standing.settle(obj, form.changed_data)
        if change and "email" in form.changed_data:
            obj.forget_verified_email()
        facts: dict[str, Any] = {"role": obj.role} if "role" in form.changed_data else {}
        for action in actions_of(obj, form.changed_data, change):
            record(action, request=request, target=obj, fields=form.changed_data, **facts)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        refuse_privileged(request, self.get_object(request, unquote(object_id)))
        return super().delete_view(request, object_id, extra_context)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Set another user's password; one's own needs the old one, on its own page."""
        account = self.get_object(request, unquote(id))
        if account == request.user:  # "07" is 7 too
            return redirect("account_change_password")
        refuse_privileged(request, account)
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            account = User.objects.get(pk=unquote(id))
            standing.settle(account, ["password"])
            standing.revoke_tokens(account, request=request)
            record(Action.PASSWORD_CHANGED, request=request, target=account)
        return answer

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what is deleted with the accounts, without asking for rights on each kind."""
        going, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return (
            going,
            counts,
            {name for name in lacking if name == User._meta.verbose_name},
            protected,
        )

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        deletion.delete_account(obj, request=request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for account in queryset:
            deletion.delete_account(account, request=request)


def actions_of(account: User, fields: Iterable[str], change: bool) -> list[Action]:
    """Return the actions to log for a saved form: each significant change, or one for the rest."""
    if not change:
        return [Action.ACCOUNT_ADDED]
    grave = dict.fromkeys(RIGHTS, Action.RIGHTS_CHANGED) | {
        "role": Action.ROLE_CHANGED,
        "is_active": Action.ACCOUNT_REOPENED if account.is_active else Action.ACCOUNT_CLOSED,
    }
    return list(dict.fromkeys(grave[name] for name in fields if name in grave)) or [
        Action.ACCOUNT_CHANGED
    ]


def may_touch(user: User | AnonymousUser, account: User | None) -> bool:
    """Return whether the user may edit, close or delete the account, or set its password.

    Superusers may for every account; other staff for their own and for unprivileged ones.
    """
    if user.is_superuser or account is None or account == user:
        return True
    return not (account.is_staff or account.is_superuser or decides_requests(account))


def refuse_privileged(request: HttpRequest, account: User | None) -> None:
    """Raise PermissionDenied with the reason why staff may not edit the account."""
    if not may_touch(request.user, account):
        raise PermissionDenied(
            _("Only a superuser can change accounts of superusers, staff or moderators.")
        )


def refuse_privileges(request: HttpRequest, account: User | None = None) -> None:
    """Raise PermissionDenied for a forged form with fields that only superusers get."""
    if request.method != "POST" or request.user.is_superuser:
        return
    refuse_privileged(request, account)
    for name in PRIVILEGES:
        if name in request.POST and (
            name != "role" or request.POST[name] != getattr(account, "role", Role.OBSERVER)
        ):
            raise PermissionDenied(_("Only a superuser can change roles and rights."))


admin.site.unregister(Group)


@admin.register(Group)
class RightsGroupAdmin(StrictAdmin, GroupAdmin):
    """Groups, which grant rights, for superusers only."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        held = sorted(
            f"{one.content_type.app_label}.{one.codename}" for one in permissions_of(form.instance)
        )
        record(
            Action.RIGHTS_CHANGED,
            request=request,
            target=f"group:{form.instance.name}",
            permissions=held,
        )

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        record(Action.RIGHTS_CHANGED, request=request, target=f"group:{obj.name}", deleted=True)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        for group in queryset:
            self.delete_model(request, group)


def permissions_of(group: Group) -> QuerySet:
    return group.permissions.select_related("content_type")
