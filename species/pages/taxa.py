"""A page for each taxon, and the tree to browse them."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from species.atlas import tree
from species.atlas.planner import plan_query
from species.caching import cache_version
from species.filters import ObservationFilter
from species.models import Taxon, VernacularName
from species.pages import linked_data
from species.pages.htmx import HtmxRequest
from species.pages.paging import page_number
from species.pages.vernaculars import each_once
from species.suggestions import suggestions
from species.taxon_names.lookup import resolve_synonyms
from users import languages

BRANCHES_PER_PAGE = 100
LONGEST_SHOWN = 200  # characters of a search that are printed again


@vary_on_headers("HX-Request")
@require_safe
def taxon_detail(request: HtmxRequest, aphia_id: int, slug: str = "") -> HttpResponse:
    """Show a taxon with its descendants; redirect from synonyms and wrong slugs."""
    taxon = get_object_or_404(Taxon, pk=aphia_id)
    accepted = accepted_id(taxon)
    if accepted != taxon.pk:
        return redirect(f"{Taxon.objects.get(pk=accepted).get_absolute_url()}?synonym={taxon.pk}")
    if slug != taxon.slug:
        return redirect(taxon, permanent=True)
    language = languages.of_visitor(request)
    holdings = tree.Holdings.of(taxon)
    context = {
        "taxon": taxon,
        "holdings": holdings,
        "branches": branches(request, holdings, language),
    }
    if request.htmx:
        return render(request, "species/branches.html", context)
    return render(
        request, "species/taxon_detail.html", context | portrait(request, taxon, holdings, language)
    )


def portrait(
    request: HtmxRequest, taxon: Taxon, holdings: tree.Holdings, language: str
) -> dict[str, Any]:
    """Return the context beside the child taxa."""
    # Of a name that WoRMS credits to AlgaeBase nothing is told but name, AphiaID and link.
    is_told = not taxon.credits_algaebase
    names = each_once(taxon.vernacular_names.by_language()) if is_told else []
    lineage = list(Taxon.objects.ancestors_of(taxon)) if is_told else []
    return {
        "is_told": is_told,
        "common_name": next((name for name in names if name.language == language), None),
        "names": names,
        "lineage": [above for above in lineage if not above.credits_algaebase],
        "synonym": synonym_of(taxon, request.GET.get("synonym", "")),
        "ends": tree.first_and_last(taxon),
        "page_language": languages.of_page(),
        "query": f"taxon={taxon.pk}",
        "extent": plan_query(ObservationFilter(taxon=(str(taxon.pk),))).extent(),
        "version": cache_version(),
        "today": timezone.now(),
        "about": linked_data.of_taxon(request, taxon, holdings, names, lineage),
    }


@vary_on_headers("HX-Request")
@require_safe
def taxon_tree(request: HtmxRequest) -> HttpResponse:
    """Show the roots of the tree, and search scientific and common names."""
    context: dict[str, Any] = {"asked": request.GET.get("q", "")[:LONGEST_SHOWN]}
    try:
        context["found"] = suggestions(context["asked"])
    except ValueError as error:
        context["error"] = str(error)
    if not context["asked"]:
        context["branches"] = branches(
            request, tree.Holdings.of_roots(), languages.of_visitor(request)
        )
    template = "species/taxon_tree.html" + ("#found" if request.htmx else "")
    return render(request, template, context, status=400 if "error" in context else 200)


@require_safe
def taxon_branches(request: HtmxRequest, aphia_id: int) -> HttpResponse:
    """Show the children of a taxon for htmx; otherwise redirect to its page."""
    taxon = get_object_or_404(Taxon, pk=aphia_id)
    if not request.htmx:
        return redirect(f"{taxon.get_absolute_url()}#below")
    holdings = tree.Holdings.of(taxon)
    context = {
        "taxon": taxon,
        "branches": branches(request, holdings, languages.of_visitor(request)),
    }
    return render(request, "species/branches.html", context)


def branches(request: HtmxRequest, holdings: tree.Holdings, language: str) -> dict[str, Any]:
    """Return a page of children as {page, taxa}, without names credited to AlgaeBase."""
    pages = Paginator(holdings.branches, BRANCHES_PER_PAGE)
    page = pages.page(page_number(request, pages))
    rows = Taxon.objects.in_bulk([branch.aphia_id for branch in page])
    shown = [branch for branch in page if not rows[branch.aphia_id].credits_algaebase]
    taxa = named([rows[branch.aphia_id] for branch in shown], language)
    return {
        "page": page,
        "taxa": list(zip(shown, taxa, strict=True)),
        "withheld": len(page) - len(shown),
    }


def named(taxa: list[Taxon], language: str) -> list[tuple[Taxon, VernacularName | None]]:
    """Return each taxon with its name in the language, if it has one that may be shown."""
    told = [taxon.pk for taxon in taxa if not taxon.credits_algaebase]
    names = {name.taxon_id: name for name in VernacularName.objects.chosen(language).of_taxa(told)}
    return [(taxon, names.get(taxon.pk)) for taxon in taxa]


def accepted_id(taxon: Taxon) -> int:
    """Return the AphiaID of the accepted taxon."""
    return resolve_synonyms([("", taxon)])[0].aphia_id if taxon.accepted_id else taxon.pk


def synonym_of(taxon: Taxon, text: str) -> Taxon | None:
    """Return the synonym with the AphiaID in the text, if it is one of this taxon."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    synonym = Taxon.objects.synonyms().in_bulk([int(text)]).get(int(text))
    return synonym if synonym and accepted_id(synonym) == taxon.pk else None
