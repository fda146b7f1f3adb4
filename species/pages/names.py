"""Ranks, statuses, Red List categories and habitats in words, without HTML or queries."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from species.models import Taxon
from species.terms import IucnCategory

RANKS = {
    "Superdomain": _("Superdomain"),
    "Kingdom": _("Kingdom"),
    "Subkingdom": _("Subkingdom"),
    "Infrakingdom": _("Infrakingdom"),
    "Superphylum": _("Superphylum"),
    "Phylum": _("Phylum"),
    "Phylum (Division)": _("Phylum (division)"),
    "Subphylum": _("Subphylum"),
    "Subphylum (Subdivision)": _("Subphylum (subdivision)"),
    "Infraphylum": _("Infraphylum"),
    "Parvphylum": _("Parvphylum"),
    "Gigaclass": _("Gigaclass"),
    "Megaclass": _("Megaclass"),
    "Superclass": _("Superclass"),
    "Class": _("Class"),
    "Subclass": _("Subclass"),
    "Infraclass": _("Infraclass"),
    "Subterclass": _("Subterclass"),
    "Superorder": _("Superorder"),
    "Order": _("Order"),
    "Suborder": _("Suborder"),
    "Infraorder": _("Infraorder"),
    "Parvorder": _("Parvorder"),
    "Section": _("Section"),
    "Subsection": _("Subsection"),
    "Superfamily": _("Superfamily"),
    "Epifamily": _("Epifamily"),
    "Family": _("Family"),
    "Subfamily": _("Subfamily"),
    "Supertribe": _("Supertribe"),
    "Tribe": _("Tribe"),
    "Subtribe": _("Subtribe"),
    "Genus": _("Genus"),
    "Subgenus": _("Subgenus"),
    "Series": _("Series"),
    "Species": pgettext_lazy("rank", "Species"),
    "Subspecies": _("Subspecies"),
    "Natio": _("Natio"),
    "Variety": _("Variety"),
    "Subvariety": _("Subvariety"),
    "Forma": _("Forma"),
    "Subforma": _("Subforma"),
    "Mutatio": _("Mutatio"),
}
STATUSES = {
    "accepted": _("accepted"),
    "unaccepted": _("unaccepted"),
    "uncertain": _("uncertain"),
    "alternate representation": _("alternate representation"),
    "alternative representation": _("alternative representation"),
    "nomen nudum": _("nomen nudum"),
    "nomen dubium": _("nomen dubium"),
    "taxon inquirendum": _("taxon inquirendum"),
    "temporary name": _("temporary name"),
    "interim unpublished": _("interim unpublished"),
}
HABITATS = {
    "is_marine": _("marine"),
    "is_brackish": _("brackish"),
    "is_freshwater": _("freshwater"),
    "is_terrestrial": _("terrestrial"),
}


def rank(text: str) -> str:
    """Return a rank of WoRMS in the page's language; an unknown one unchanged."""
    return str(RANKS.get(text, text))


def status(text: str) -> str:
    return str(STATUSES.get(text, text))


def red_list(code: str) -> str:
    """Return an IUCN Red List category in words."""
    return str(IucnCategory(code).label) if code in IucnCategory.values else code


def habitats(taxon: Taxon) -> list[str]:
    """Return the habitats that WoRMS names."""
    return [str(text) for field, text in HABITATS.items() if getattr(taxon, field)]
