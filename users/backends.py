"""Authentication by address and password, and the permissions of roles."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from users.models import User
from users.normalization import spellings


class RoleBackend(ModelBackend):
    """Django's backend, with the permissions of the group named after the user's role."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the account with this address (Django's `username`) and password.

        An unknown address takes as long, since the password is hashed in every spelling.
        """
        login = email or username
        if login is None or password is None:
            return None
        account = User.objects.with_email(login).first()
        if account is None:
            for spelling in spellings(password):
                User().set_password(spelling)
            return None
        return (
            account
            if account.check_password(password) and self.user_can_authenticate(account)
            else None
        )

    def _get_group_permissions(self, user_obj: Any) -> QuerySet[Permission]:
        groups = Group.objects.filter(Q(user=user_obj.pk) | Q(name=user_obj.role))
        return Permission.objects.filter(group__in=groups.values("pk")).distinct()

    def with_perm(self, *args: Any, **kwargs: Any) -> QuerySet[User]:
        raise NotImplementedError(
            "Check each account's permissions: roles are not stored as rows that a query could join."
        )
