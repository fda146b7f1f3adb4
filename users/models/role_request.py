"""Users' requests for the role of a researcher, and moderators' decisions."""

from typing import Self

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.models.user import Role, User
from users.orcid import validate_orcid


class Decision(models.TextChoices):
    OPEN = "", _("Pending")
    GRANTED = "granted", _("Approved")
    REFUSED = "refused", _("Rejected")


class RoleRequestQuerySet(models.QuerySet["RoleRequest"]):
    """Selections of requests."""

    def open(self) -> Self:
        return self.filter(decision=Decision.OPEN)

    def decided(self) -> Self:
        return self.exclude(decision=Decision.OPEN)

    def decidable_by(self, user: User) -> Self:
        """Return the requests that this moderator may decide: all but their own."""
        return self.exclude(user=user)

    def oldest_first(self) -> Self:
        return self.order_by("pk")

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class RoleRequest(models.Model):
    """A request for a role. A decision with a note closes it, and it never changes again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="role_requests")
    role = models.CharField(max_length=20, choices=Role, default=Role.RESEARCHER, editable=False)
    institution = models.CharField(_("institution"), max_length=200)
    orcid = models.CharField("ORCID", max_length=19, validators=[validate_orcid])
    reason = models.TextField(_("reason"), max_length=2_000)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default=Decision.OPEN)
    note = models.TextField(_("note"), max_length=2_000, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="decided_requests",
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RoleRequestQuerySet.as_manager()

    class Meta:
        permissions = [("decide_rolerequest", "Can decide requests for a role")]
        constraints = [
            models.UniqueConstraint(
                "user", condition=Q(decision=""), name="one_open_request_per_person"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=Decision.values), name="decision_known"
            ),
            models.CheckConstraint(
                condition=Q(decision="", note="", decided_at=None, decided_by=None)
                | (~Q(decision="") & ~Q(note="") & Q(decided_at__isnull=False)),
                name="a_decision_has_its_note_and_date",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")),
                name="nobody_decides_an_own_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    @property
    def is_open(self) -> bool:
        return self.decision == Decision.OPEN

    def decide(self, by: User, decision: Decision, note: str) -> None:
        """Close the request; the caller has locked its row and sets the role.

        Raises PermissionDenied and ValidationError.
        """
        if by.pk == self.user_id:
            raise PermissionDenied("Nobody decides an own request.")
        if not self.is_open:
            raise ValidationError(_("This request has already been decided."))
        self.decision, self.note, self.decided_by, self.decided_at = (
            decision,
            note,
            by,
            timezone.now(),
        )
        self.save(update_fields=["decision", "note", "decided_by", "decided_at"])
