"""The people of the tests: one of each kind, with one password."""

from django.contrib.auth.models import Group, Permission

from users.models import Role, User

PASSWORD = "an anemone under the pier"


def person(username: str, **fields) -> User:
    """Somebody who has proved the address."""
    user = User.objects.create_user(f"{username}@example.org", username, PASSWORD, **fields)
    user.mark_email_verified()
    if user.role == Role.MODERATOR:
        keep_moderators_group()
    return user


def keep_moderators_group() -> None:
    """The migration makes the group; a flush between two tests in a browser takes it away."""
    group, is_new = Group.objects.get_or_create(name=Role.MODERATOR)
    if is_new:
        group.permissions.add(Permission.objects.get(codename="decide_rolerequest"))


def superuser(username: str = "root") -> User:
    return person(username, is_staff=True, is_superuser=True)


def staff(username: str = "clerk", *permissions: str) -> User:
    """A member of staff with these permissions, e.g. `users.change_user`."""
    account = person(username, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        account.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return account
