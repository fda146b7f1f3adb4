"""Create demonstration accounts with random passwords, in a file that only its owner can read."""

import os
import secrets
from pathlib import Path

from django.conf import settings

from users.models import Role, User

ACCOUNTS = (
    ("admin", Role.MODERATOR, True),
    ("researcher", Role.RESEARCHER, False),
    ("observer", Role.OBSERVER, False),
)


HEADING = "Demonstration log-ins (at /accounts/login/):"


def accounts_file() -> Path | None:
    """Return the path of the log-ins: beside the private cluster, or None for another database."""
    if given := os.environ.get("DEMO_ACCOUNTS_FILE"):
        return Path(given)
    return (
        settings.BASE_DIR / ".local" / "demo-accounts.txt"
        if settings.USES_PRIVATE_CLUSTER
        else None
    )


def are_allowed() -> bool:
    """Return whether the portal is private: on the private cluster or under development."""
    return settings.DEBUG or settings.PROFILE == "private"


def make_accounts() -> str:
    """Create the missing accounts; return how to log in, as written to the file."""
    lines = [
        line for name, role, is_admin in ACCOUNTS if (line := make_account(name, role, is_admin))
    ]
    path = accounts_file()
    if path is None:  # shown once and not stored
        return "\n".join([HEADING, *lines]) + "\n" if lines else ""
    if lines:
        write_accounts(path, lines)
    return path.read_text("utf-8") if path.is_file() else ""


def make_account(name: str, role: Role, is_admin: bool) -> str:
    """Create an account and return its log-in line; "" if the address or name exists."""
    email = f"{name}@demo.example"
    if User.objects.filter(email__iexact=email).exists() or User.objects.filter(
        username__iexact=f"demo-{name}"
    ):
        return ""
    password = secrets.token_urlsafe(12)
    rights = {"role": role, "is_staff": is_admin, "is_superuser": is_admin}
    User.objects.create_user(email, f"demo-{name}", password, **rights).mark_email_verified()
    return f"  {role.label if not is_admin else 'Administrator':<14} {email:<26} {password}"


def write_accounts(path: Path, lines: list[str]) -> None:
    """Add log-in lines to the file, replacing earlier lines for the same accounts.

    The file is replaced atomically, and other users can never read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    kept = path.read_text("utf-8").splitlines()[1:] if path.is_file() else []
    addresses = {line.split("@")[0].split()[-1] for line in lines}
    kept = [
        line for line in kept if "@" in line and line.split("@")[0].split()[-1] not in addresses
    ]
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as stream:
        stream.write("\n".join([HEADING, *kept, *lines]) + "\n")
    draft.replace(path)
