"""The groups of fields in the filter form, in the order of the page."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Group:
    """Fields of the form under one heading."""

    title: Any


MAIN = Group("")  # always visible, without a heading
WHEN = Group(_("When"))
WHERE = Group(_("Where"))
DEPTH = Group(_("Depth"))
EVIDENCE = Group(_("Evidence and source"))
QUALITY = Group(_("Red List and quality"))
GROUPS = (WHEN, WHERE, DEPTH, EVIDENCE, QUALITY)
