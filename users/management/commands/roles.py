"""Show and change the permissions of roles, and the roles of users."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from users import roles
from users.audit import Action, record
from users.models import Role, User


class Command(BaseCommand):
    help = "List roles and permissions, grant or revoke permissions, and set a user's role."

    def add_arguments(self, parser: CommandParser) -> None:
        asked = parser.add_subparsers(dest="asked", required=True)
        asked.add_parser("list", help="list roles, number of users, and permissions")
        for name, what in (
            ("grant", "grant a permission to a role"),
            ("revoke", "revoke a permission from a role"),
        ):
            sub = asked.add_parser(name, help=what)
            sub.add_argument("role", choices=Role.values)
            sub.add_argument("permission", help="as app.codename, such as users.decide_rolerequest")
        sub = asked.add_parser("set", help="set a user's role")
        sub.add_argument("email")
        sub.add_argument("role", choices=Role.values)

    def handle(self, *args: Any, asked: str, **given: Any) -> None:
        getattr(self, f"do_{asked}")(given)

    def do_list(self, given: dict[str, Any]) -> None:
        people = dict(User.objects.filter(is_active=True).values_list("role").annotate(Count("pk")))
        for role in Role:
            self.stdout.write(f"{role}: {people.get(role, 0):,} people")
            for permission in Permission.objects.filter(group__name=role).select_related(
                "content_type"
            ):
                self.stdout.write(
                    f"  {permission.content_type.app_label}.{permission.codename}: {permission.name}"
                )

    def do_grant(self, given: dict[str, Any]) -> None:
        permission, (group, _) = (
            permission_named(given["permission"]),
            Group.objects.get_or_create(name=given["role"]),
        )
        group.permissions.add(permission)
        self.told("granted", given)

    def do_revoke(self, given: dict[str, Any]) -> None:
        permission, (group, _) = (
            permission_named(given["permission"]),
            Group.objects.get_or_create(name=given["role"]),
        )
        group.permissions.remove(permission)
        self.told("revoked", given)

    def told(self, what: str, given: dict[str, Any]) -> None:
        record(
            Action.RIGHTS_CHANGED, target=f"group:{given['role']}", **{what: given["permission"]}
        )
        self.stdout.write(f"{given['role']}: {given['permission']} {what}.")

    def do_set(self, given: dict[str, Any]) -> None:
        user = User.objects.with_email(given["email"]).first()
        if user is None:
            raise CommandError(f"No account has the email {given['email']}.")
        roles.set_role(user, given["role"])
        self.stdout.write(f"{user.username} is now: {user.get_role_display()}.")


def permission_named(text: str) -> Permission:
    """Return the permission app.codename. Raises CommandError (status 2)."""
    app, _, codename = text.partition(".")
    found = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    if found is None:
        raise CommandError(
            f"There is no permission {text!r}; name it as app.codename.", returncode=2
        )
    return found
