"""Saves a question under its short address, with the area that is too long for one."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from species.areas import Area
from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.models import SavedArea, SavedSelection
from species.models.selection import KEPT_DAYS

if TYPE_CHECKING:
    from users.models import User


@transaction.atomic
def save(
    question: ObservationFilter,
    uploaded: Area | None,
    user: "User | AnonymousUser",
    name: str = "",
    shown: str = "",
) -> SavedSelection:
    """Return the saved selection, new or kept for longer.

    `shown`: the map's view and comparison as a query string, kept for owners only: without one a
    selection is everybody's who asks the same. Raises InvalidQuery for a question that cannot be
    answered.
    """
    if uploaded:
        question = question.within(uploaded)
        if not uploaded.fits_into_address:
            keep(uploaded)
    if question.is_everything:
        raise InvalidQuery({"selection": _("There is nothing to save yet. Set a filter first.")})
    question.ordinal_ranges()  # refuses names that nobody has
    area = question.area
    owner = user if user.is_authenticated else None
    facts = {
        "query": "&".join(filter(None, [question.query_string(), shown if owner else ""])),
        "area": keep(area) if area and not area.fits_into_address else None,
        "expires_at": None if owner else timezone.now() + timedelta(days=KEPT_DAYS),
    }
    given = {"name": name} if name else {}
    # until its owner finds a better one
    at_first = {"name": question.words()[:100]} if owner else {}
    saved, _created = SavedSelection.objects.update_or_create(
        hash=question.digest(),
        owner=owner,
        defaults=facts | given,
        create_defaults=facts | at_first | given,
    )
    return saved


def keep(area: Area) -> SavedArea:
    """The area under its hash; the moment tells the purge that it is wanted."""
    saved, _ = SavedArea.objects.update_or_create(
        hash=area.hash, defaults={"wkt": area.wkt, "wanted_at": timezone.now()}
    )
    return saved
