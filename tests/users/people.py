"""The people of the tests: one of each kind, with one password."""

from django.contrib.auth.models import Permission

from users.emails import mark_verified
from users.models import User

PASSWORD = "an anemone under the pier"


def person(username: str, **fields) -> User:
    """Somebody who has proved the address."""
    user = User.objects.create_user(f"{username}@example.org", username, PASSWORD, **fields)
    mark_verified(user)
    return user


def superuser(username: str = "root") -> User:
    return person(username, is_staff=True, is_superuser=True)


def staff(username: str = "clerk", *permissions: str) -> User:
    """A member of staff with these permissions, e.g. `users.change_user`."""
    account = person(username, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        account.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return account
