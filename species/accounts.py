"""How this app takes part in accounts: mails about failed refreshes, and names of deleted users."""

from typing import Any

from species.models import RefreshRun
from users import deletion, mail_kinds
from users.models import UnsentMail, User


def write_failed_run(row: UnsentMail) -> dict[str, Any] | None:
    """Return the mail's context; None if the run has been deleted."""
    run = RefreshRun.objects.filter(pk=row.facts["run_number"]).first()
    return {"run": run, "run_number": run.pk} if run else None


def anonymize_runs(user: User, name: str) -> None:
    """Put the name in place of the user's in the refreshes that they requested."""
    RefreshRun.objects.filter(requested_by=user.username).update(requested_by=name)


def register_with_users() -> None:
    """Add both to the registries of the `users` app; called once, when Django is set up."""
    kind = mail_kinds.Kind(write_failed_run, facts=("run_number",))
    mail_kinds.KINDS["species/email/refresh_failed"] = kind
    deletion.ANONYMIZERS.append(anonymize_runs)
