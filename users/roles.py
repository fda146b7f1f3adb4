"""Roles: requested by users and decided by moderators, or set by operators; always logged."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from users import standing
from users.audit import Action, record
from users.models import Decision, Role, RoleRequest, User

# to translate
OURS = (gettext_noop("Can view role request"), gettext_noop("Can decide requests for a role"))


def rights_of(role: Role | str) -> list[str]:
    """Return the permissions of the role's group in words."""
    given = Permission.objects.filter(group__name=role).order_by("content_type__app_label", "pk")
    return [_(name) for name in given.values_list("name", flat=True)]


def decides_requests(user: User) -> bool:
    """Return whether the account may decide role requests, or could if it were active."""
    granted = Q(user=user) | Q(group__user=user) | Q(group__name=user.role)
    deciding = Permission.objects.filter(
        granted, content_type__app_label="users", codename="decide_rolerequest"
    )
    return user.role == Role.MODERATOR or deciding.exists()


def set_role(user: User, role: Role | str, *, request: HttpRequest | None = None) -> None:
    """Set the role, which ends the user's log-ins."""
    before, user.role = user.role, Role(role)
    user.save(update_fields=["role"])
    standing.settle(user, ["role"])
    record(Action.ROLE_CHANGED, request=request, target=user, before=before, role=user.role)


def ask(request: HttpRequest, asked: RoleRequest) -> None:
    """Save a request. Raises ValidationError if another is open or the user has the role."""
    if asked.user.role != Role.OBSERVER:
        raise ValidationError(_("You are already a researcher."))
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError:
        raise ValidationError(_("Your earlier request is still pending.")) from None
    record(
        Action.ROLE_REQUESTED, request=request, target=f"role-request:{asked.pk}", role=asked.role
    )


def withdraw(request: HttpRequest, user: User) -> None:
    """Delete the user's open request, if any."""
    for asked in user.role_requests.open():
        target = f"role-request:{asked.pk}"
        asked.delete()
        record(Action.ROLE_REQUEST_WITHDRAWN, request=request, target=target)


def decide(
    request: HttpRequest, moderator: User, pk: int, decision: Decision, note: str
) -> RoleRequest:
    """Close the request, grant the role if decided so, and notify the user.

    Raises ValidationError and PermissionDenied.
    """
    with transaction.atomic():
        asked = (
            RoleRequest.objects.select_for_update(of=("self",)).select_related("user").get(pk=pk)
        )
        asked.decide(moderator, decision, note)
        if decision == Decision.GRANTED and asked.user.role == Role.OBSERVER:
            set_role(asked.user, asked.role, request=request)
        record(
            Action.ROLE_DECIDED,
            request=request,
            target=asked.user,
            decision=decision,
            request_number=asked.pk,
        )
    get_adapter().send_mail(
        "users/email/role_decided", asked.user.email, {"asked": asked, "user": asked.user}
    )
    return asked
