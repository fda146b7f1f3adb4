"""Forms of accounts that report a taken address or name at its field."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import IntegrityError
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from users.models import User
from users.names import is_reserved
from users.normalization import normalize_display_name, normalize_name

Answer = TypeVar("Answer")


def free(form: forms.ModelForm, field: str) -> str:
    """Return the field's value. Raises ValidationError if another account has it, in any case."""
    value = form.cleaned_data[field]
    others = User.objects.exclude(pk=form.instance.pk).alias(folded=Lower(field))
    if others.filter(folded=Lower(Value(value))).exists():
        label = form.fields[field].label or field
        raise forms.ValidationError(f"Another account has this {str(label).lower()}.")
    return value


def again_when_taken(act: Callable[..., Answer], *arguments: Any) -> Answer:
    """Repeat the call after an IntegrityError, so that the form itself reports what was taken."""
    for _time in range(2):  # once for each
        try:
            return act(*arguments)
        except IntegrityError:
            continue
    return act(*arguments)


def name_of_nobody_else(user: User, name: str) -> str:
    """Return the normalized display name.

    Raises ValidationError for another account's username.
    """
    name = normalize_display_name(name)
    if name and User.objects.with_username(name).exclude(pk=user.pk).exists():
        raise forms.ValidationError(_("This name is someone else's username. Choose another."))
    return name


class NameChangeForm(forms.ModelForm):
    """Validate names only if they change, so that older names can stay."""

    def _get_validation_exclusions(self) -> set[str]:
        unchanged = {"username", "display_name"}.difference(self.changed_data)
        return super()._get_validation_exclusions() | unchanged  # type: ignore[misc]

    def clean_username(self) -> str:
        if "username" not in self.changed_data:
            return self.instance.username
        name = self.cleaned_data["username"] = normalize_name(self.cleaned_data["username"])
        if is_reserved(name):
            raise forms.ValidationError(_("This name is reserved. Choose another."))
        return free(self, "username")

    def clean_display_name(self) -> str:
        if "display_name" not in self.changed_data:
            return self.instance.display_name
        return name_of_nobody_else(self.instance, self.cleaned_data["display_name"])


class AccountAddForm(NameChangeForm, AdminUserCreationForm):
    """A new account without rights; these are granted on its own page."""

    class Meta:
        model = User
        fields = ("email", "username", "role")

    def clean_email(self) -> str:
        return free(self, "email")


class AccountChangeForm(NameChangeForm, UserChangeForm):
    """An account's fields; `users.admin` decides which of them staff may change."""

    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007  # the admin chooses among them

    def clean_email(self) -> str:
        return free(self, "email")
