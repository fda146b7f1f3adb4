"""Who somebody is and what they may do: Django's own rules, and the permissions of the group named
after the role.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from users.models import User
from users.normalization import spellings


class RoleBackend(ModelBackend):
    """E-mail and password; permissions from the account, its groups, and its role's group without a
    membership row.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the account with this address (Django calls it `username`) and password.

        Unknown addresses take as long: every spelling of the password is hashed for them too.
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
        raise NotImplementedError("Ask each account: roles are no rows that Django could join.")
