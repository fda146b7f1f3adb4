"""Close and open accounts, and log people out."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from users import sessions, standing
from users.audit import Action, record
from users.models import User


class Command(BaseCommand):
    help = "Close or reopen an account, end its sessions, or revoke its access tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        asked = parser.add_subparsers(dest="asked", required=True)
        for name, what in (
            ("close", "end sessions and tokens, and block the account"),
            ("reopen", "let the owner log in again"),
            ("log-out", "end all sessions (access tokens stay)"),
            (
                "revoke-tokens",
                "revoke all access tokens, for example after `manage.py changepassword`",
            ),
        ):
            asked.add_parser(name, help=what).add_argument("email")

    def handle(self, *args: Any, asked: str, email: str, **options: Any) -> None:
        user = User.objects.with_email(email).first()
        if user is None:
            raise CommandError(f"No account has the email {email}.")
        try:
            self.stdout.write(ACTS[asked](user))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error


def close(user: User) -> str:
    standing.close(user)
    return f"{user.username} is closed. Sessions and tokens have ended."


def reopen(user: User) -> str:
    standing.reopen(user)
    return f"{user.username} is open again."


def log_out(user: User) -> str:
    sessions.end_all(user)
    record(Action.LOG_OUT_EVERYWHERE, target=user)
    return f"{user.username} is logged out everywhere."


def revoke_tokens(user: User) -> str:
    standing.revoke_tokens(user)
    return f"{user.username}: {len(user.revoked_tokens)} token(s) revoked."


ACTS = {"close": close, "reopen": reopen, "log-out": log_out, "revoke-tokens": revoke_tokens}
