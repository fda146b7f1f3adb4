"""An address or a name that is taken is said at its field: in the forms of staff, and whatever else
adds accounts.
"""

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
    """The field's value; ValidationError when another account has it, whatever the case."""
    value = form.cleaned_data[field]
    others = User.objects.exclude(pk=form.instance.pk).alias(folded=Lower(field))
    if others.filter(folded=Lower(Value(value))).exists():
        label = form.fields[field].label or field
        raise forms.ValidationError(f"Another account has this {str(label).lower()}.")
    return value


def again_when_taken(act: Callable[..., Answer], *arguments: Any) -> Answer:
    """Ask again when somebody took the name or the address after the form looked: now the form
    itself says so.
    """
    for _time in range(2):  # once for each
        try:
            return act(*arguments)
        except IntegrityError:
            continue
    return act(*arguments)


def name_of_nobody_else(user: User, name: str) -> str:
    """Return a display name as it is kept. Raises ValidationError for another account's username."""
    name = normalize_display_name(name)
    if name and User.objects.with_username(name).exclude(pk=user.pk).exists():
        raise forms.ValidationError(_("This is another person's username. Choose another name."))
    return name


class NameChangeForm(forms.ModelForm):
    """Checks a person's names where they change, so that a form with older names can still be
    saved.
    """

    def _get_validation_exclusions(self) -> set[str]:
        unchanged = {"username", "display_name"}.difference(self.changed_data)
        return super()._get_validation_exclusions() | unchanged  # type: ignore[misc]

    def clean_username(self) -> str:
        if "username" not in self.changed_data:
            return self.instance.username
        name = self.cleaned_data["username"] = normalize_name(self.cleaned_data["username"])
        if is_reserved(name):
            raise forms.ValidationError(_("This name is reserved. Choose another one."))
        return free(self, "username")

    def clean_display_name(self) -> str:
        if "display_name" not in self.changed_data:
            return self.instance.display_name
        return name_of_nobody_else(self.instance, self.cleaned_data["display_name"])


class AccountAddForm(NameChangeForm, AdminUserCreationForm):
    """A new account without any right; those are given on the account's own page."""

    class Meta:
        model = User
        fields = ("email", "username", "role")

    def clean_email(self) -> str:
        return free(self, "email")


class AccountChangeForm(NameChangeForm, UserChangeForm):
    """An account's fields; which of them a member of staff may set is decided by `users.admin`."""

    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007  # the admin chooses among them

    def clean_email(self) -> str:
        return free(self, "email")
