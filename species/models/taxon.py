"""Taxa of WoRMS: one row per AphiaID, in one tree."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Concat, Left, Length, Upper
from django.urls import reverse
from django.utils.text import slugify

from species.models.fields import BytewiseTextField
from species.models.vernacular import VernacularName

# The ranks that each taxon repeats of those above it: Darwin Core's term and our column, from the
# top down.
RANK_COLUMNS = {
    "kingdom": "kingdom",
    "phylum": "phylum",
    "class": "class_name",
    "order": "order_name",
    "family": "family",
    "genus": "genus",
}
SPECIES = "Species"  # the rank
# Zoologists and botanists alike write names of genera, and of what is below them, in italics;
# others upright.
ITALIC_RANKS = frozenset({
    "Genus", "Subgenus", "Series", "Species", "Subspecies", "Natio", "Variety", "Subvariety", "Forma", "Subforma",
    "Mutatio",
})  # fmt: skip
# A temporary name holds children that have no parent yet, and an alternative representation places
# a subgenus twice.
ACCEPTED_STATUSES = frozenset({"accepted", "temporary name", "alternative representation"})


class TaxonQuerySet(models.QuerySet["Taxon"]):
    """Querysets of taxa."""

    def below(self, taxon: "Taxon") -> Self:
        """Return the taxon and everything below it: one index range on the path."""
        path = taxon.path or ""
        return self.filter(path__gte=path, path__lt=path_end(path)) if path else self.none()

    def named(self, name: str) -> Self:
        """Return the taxa with this scientific or common name in any language, in any case."""
        return self.called(models.Q(scientific_name__iexact=name), models.Q(name__iexact=name))

    def scientifically_named(self, names: Iterable[str]) -> Self:
        """Return the taxa with one of these scientific names, in any case."""
        upper = Upper("scientific_name")
        return self.alias(upper_name=upper).filter(upper_name__in={name.upper() for name in names})

    def mentioning(self, text: str) -> Self:
        """Return the taxa with the text in a scientific or common name, in any case."""
        return self.called(
            models.Q(scientific_name__icontains=text), models.Q(name__icontains=text)
        )

    def called(self, scientific: models.Q, vernacular: models.Q) -> Self:
        """Return the taxa that meet one condition, or have a common name that meets the other."""
        # A union, since PostgreSQL answers an OR over two tables by reading every taxon and no
        # index of names.
        taxa = Taxon.objects.filter(scientific).values("pk")
        return self.filter(
            pk__in=taxa.union(VernacularName.objects.filter(vernacular).values("taxon_id"))
        )

    def with_ordinal_end(self) -> Self:
        """Add `ordinal_end`, the end of `Taxon.ordinal_range()`, in one query for all taxa."""
        after = (
            Taxon.objects.filter(path__gte=models.OuterRef("path_end"))
            .order_by("path")
            .values("ordinal")[:1]
        )
        return self.alias(path_end=path_end_of("path")).annotate(ordinal_end=models.Subquery(after))

    def observed(self) -> Self:
        return self.filter(observation_count__gt=0)

    def of_rank(self, rank: str) -> Self:
        return self.filter(rank=rank)

    def ancestors_of(self, taxon: "Taxon") -> Self:
        """Return the taxa above a taxon, from the root down."""
        return self.filter(pk__in=taxon.ancestor_ids).order_by("path")

    def synonyms(self) -> Self:
        return self.filter(accepted__isnull=False)

    def with_ids_between(self, first: int, end: int) -> Self:
        """Return the taxa with first <= AphiaID < end, in this order."""
        return self.filter(pk__gte=first, pk__lt=end).order_by("pk")

    def in_ranges(self, ranges: Sequence[tuple[int, int | None]]) -> Self:
        """Return the taxa with ordinals in any of the ranges; None leaves an end open."""
        within = models.Q(pk__in=())
        for first, end in ranges:
            below = models.Q(ordinal__lt=end) if end is not None else models.Q()
            within |= models.Q(ordinal__gte=first) & below
        return self.filter(within)

    def in_categories(self, categories: Sequence[str]) -> Self:
        """Return the taxa in any of these categories of the Red List."""
        return self.filter(iucn_category__in=categories)

    def observed_total(self) -> int:
        """Return the number of published observations, without those of taxa below."""
        return self.aggregate(total=models.Sum("observation_count"))["total"] or 0

    def most_observed_first(self) -> Self:
        return self.order_by("-observation_count", "aphia_id")


class Taxon(models.Model):
    """A name in WoRMS, at any rank.

    `path` is the chain of AphiaIDs from the root down to the taxon itself, each followed by a slash
    ("2/1821/10194/"), so a subtree is one range of it. `ordinal` is a sparse number in the order of
    the paths: observations carry it, so a subtree is one range of observations too.
    `species.refresh.taxonomy.taxa` alone writes both.
    """

    aphia_id = models.PositiveIntegerField("AphiaID", primary_key=True)
    scientific_name = models.TextField()
    authorship = models.TextField(blank=True, default="")
    rank = models.CharField(max_length=40, blank=True, default="")
    status = models.CharField(max_length=60, blank=True, default="", help_text="As WoRMS gives it.")
    unaccept_reason = models.TextField(blank=True, default="")
    accepted = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="synonyms"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = BytewiseTextField(unique=True, null=True, blank=True, editable=False)
    ordinal = models.BigIntegerField(null=True, blank=True, editable=False)
    kingdom = models.TextField(blank=True, default="")
    phylum = models.TextField(blank=True, default="")
    class_name = models.TextField("class", blank=True, default="")
    order_name = models.TextField("order", blank=True, default="")
    family = models.TextField(blank=True, default="")
    genus = models.TextField(blank=True, default="")
    is_marine = models.BooleanField(null=True, blank=True)
    is_brackish = models.BooleanField(null=True, blank=True)
    is_freshwater = models.BooleanField(null=True, blank=True)
    is_terrestrial = models.BooleanField(null=True, blank=True)
    is_extinct = models.BooleanField(null=True, blank=True)
    iucn_category = models.CharField("IUCN category", max_length=10, blank=True, default="")
    credits_algaebase = models.BooleanField(
        default=False, help_text="Goes out as name, AphiaID and link only."
    )
    observation_count = models.BigIntegerField(
        default=0, editable=False, help_text="Published observations."
    )
    worms_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    worms_found = models.BooleanField(
        null=True, blank=True, editable=False, help_text="No: WoRMS has no such AphiaID."
    )
    worms_modified = models.CharField(max_length=40, blank=True, default="", editable=False)
    vernaculars_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    worms_failures = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="Answers of WoRMS in a row that could not be used."
    )
    worms_retry_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TaxonQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "taxa"
        indexes = [
            models.Index(models.functions.Upper("scientific_name"), name="taxon_name"),
            GinIndex(
                OpClass(models.functions.Upper("scientific_name"), "gin_trgm_ops"),
                name="taxon_name_part",
            ),
            models.Index(
                "worms_asked_at", models.F("observation_count").desc(), name="taxon_to_ask"
            ),
            models.Index(
                models.F("observation_count").desc(), "aphia_id", name="taxon_most_observed"
            ),
            models.Index(
                "iucn_category", condition=~models.Q(iucn_category=""), name="taxon_iucn_category"
            ),
        ]
        constraints = [
            # Deferred, since spreading ordinals anew passes through states in which two are equal.
            models.UniqueConstraint(
                fields=["ordinal"], name="taxon_ordinal_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=~models.Q(scientific_name=""), name="taxon_has_a_name"
            ),
            models.CheckConstraint(
                condition=models.Q(aphia_id__gt=0), name="taxon_aphia_id_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(path__isnull=True, ordinal__isnull=True)
                | models.Q(path__isnull=False, ordinal__isnull=False),
                name="taxon_path_with_ordinal",
            ),
        ]

    def __str__(self) -> str:
        return self.scientific_name

    def get_absolute_url(self) -> str:
        """Return the address of its page. Only the AphiaID is used to find it."""
        return reverse("species:taxon-detail", args=[self.aphia_id, self.slug])

    @property
    def lacks_accepted_name(self) -> bool:
        """Return whether WoRMS rejects the name, as a nomen dubium, without an accepted one."""
        return (
            bool(self.status)
            and self.status not in ACCEPTED_STATUSES
            and self.accepted_id in (None, self.pk)
        )

    @property
    def is_italic(self) -> bool:
        """Return whether its name is printed in italics, as also for an unknown rank."""
        return not self.rank or self.rank in ITALIC_RANKS

    @property
    def slug(self) -> str:
        return slugify(self.scientific_name) or "taxon"

    @property
    def obis_url(self) -> str:
        return f"https://obis.org/taxon/{self.aphia_id}"

    @property
    def worms_url(self) -> str:
        return f"https://www.marinespecies.org/aphia.php?p=taxdetails&id={self.aphia_id}"

    @property
    def ancestor_ids(self) -> list[int]:
        """Return the AphiaIDs from the root down to the parent."""
        return [int(part) for part in (self.path or "").split("/")[:-2]]

    def lineage(self) -> TaxonQuerySet:
        """Return the taxa above it, from the root down."""
        return Taxon.objects.filter(pk__in=self.ancestor_ids).order_by("path")

    def ordinal_range(self) -> tuple[int, int | None]:
        """Return first and end of its subtree; an end of None leaves it open."""
        if self.path is None or self.ordinal is None:
            return (0, 0)
        after = (
            Taxon.objects.filter(path__gte=path_end(self.path))
            .order_by("path")
            .values_list("ordinal", flat=True)
        )
        return self.ordinal, after.first()


def end_of_chain(accepted: Mapping[int, int | None], aphia_id: int) -> int:
    """Return the AphiaID that a chain of synonyms ends at.

    `accepted` maps each AphiaID of the chain to its accepted one. A circular chain accepts nothing:
    it ends where it begins.
    """
    seen, current = {aphia_id}, aphia_id
    while target := accepted.get(current):
        if target in seen:
            return aphia_id
        seen.add(target)
        current = target
    return current


def path_end(path: str) -> str:
    """Return the first text after all that begin with the path."""
    return path[:-1] + "0"


def path_end_of(path: str | models.OuterRef) -> Concat:
    """Return `path_end` of a column, in SQL."""
    return Concat(Left(path, Length(path) - 1), models.Value("0"), output_field=BytewiseTextField())
