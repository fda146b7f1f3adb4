"""Who somebody is and what they may do: Django's own rules, and the permissions of the group named after the role."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from users.models import User


class RoleBackend(ModelBackend):
    """E-mail and password; permissions from the account, its groups, and its role's group without a membership row."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The account with this address (Django calls it `username`) and password; unknown ones take as long."""
        user = super().authenticate(request, email or username, password, **kwargs)
        return user if isinstance(user, User) else None

    def _get_group_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        groups = Group.objects.filter(Q(user=user_obj.pk) | Q(name=user_obj.role))
        return Permission.objects.filter(group__in=groups.values("pk")).distinct()

    def with_perm(self, *args: Any, **kwargs: Any) -> QuerySet[User]:
        raise NotImplementedError("Ask each account: roles are no rows that Django could join.")
