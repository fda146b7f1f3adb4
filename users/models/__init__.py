"""Accounts, log-ins, tokens, role requests, kept mail and the audit log."""

from users.models.audit import AuditEntry
from users.models.mail import UnsentMail
from users.models.role_request import Decision, RoleRequest
from users.models.tokens import PersonalAccessToken, TokenFamily, TokenScope
from users.models.user import Role, Units, User, UserManager

__all__ = [
    "AuditEntry",
    "Decision",
    "PersonalAccessToken",
    "Role",
    "RoleRequest",
    "TokenFamily",
    "TokenScope",
    "Units",
    "UnsentMail",
    "User",
    "UserManager",
]
