"""An address or a name that is taken is said at its field: in the forms of staff, and whatever else adds accounts."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import IntegrityError
from django.db.models import Value
from django.db.models.functions import Lower

from users.models import User

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
    """Ask again when somebody took the name or the address after the form looked: now the form itself says so."""
    for _time in range(2):  # once for each
        try:
            return act(*arguments)
        except IntegrityError:
            continue
    return act(*arguments)


class AccountAddForm(AdminUserCreationForm):
    """A new account without any right; those are given on the account's own page."""

    class Meta:
        model = User
        fields = ("email", "username", "role")

    def clean_email(self) -> str:
        return free(self, "email")

    def clean_username(self) -> str:
        return free(self, "username")


class AccountChangeForm(UserChangeForm):
    """An account's fields; which of them a member of staff may set is decided by `users.admin`."""

    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return free(self, "email")

    def clean_username(self) -> str:
        return free(self, "username")
