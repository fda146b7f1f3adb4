"""The public API on taxa: all of them, one with its names, the tree branch by branch, and names as
they are typed.
"""

import re
from dataclasses import asdict
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from species.api import taxon_serializers
from species.api.answers import PublicAnswers, etagged
from species.api.openapi import LANGUAGE, PAGES, PUBLIC, TAXON_FILTERS, TYPED, example, problems
from species.api.paging import PAGE_PARAMETERS, address_after, next_link, read_cursor
from species.api.views import PublicReads
from species.atlas.tree import Holdings
from species.darwincore import serializers
from species.errors import InvalidQuery
from species.models import Taxon, VernacularName
from species.parsing.query import read_limit, read_parameter, refuse_unknown
from species.suggestions import suggestions
from species.taxon_names.lookup import taxa_mentioning

CODE = re.compile(r"[a-z]{2,10}", re.ASCII)


class Taxa(PublicReads):
    """Taxa that the portal holds, synonyms among them."""

    queryset = Taxon.objects.all()
    lookup_field = "aphia_id"

    def get_serializer_class(self) -> type:
        return (
            serializers.TaxonSerializer
            if self.action == "list"
            else serializers.TaxonDetailSerializer
        )

    def filter_queryset(self, queryset: Any) -> Any:
        text = read_parameter(self.request.query_params, "q")
        if len(text) == 1:
            raise InvalidQuery({"q": "Type at least two characters."})
        return taxa_mentioning(text) if text else queryset

    @extend_schema(
        summary="List taxa",
        parameters=[*TAXON_FILTERS, *PUBLIC],
        responses={200: example(serializers.TaxonSerializer(many=True), "taxon"), **problems()},
    )
    @etagged
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them, or those with a text in a name."""
        refuse_unknown(request.query_params, *PAGE_PARAMETERS, "q")
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Read a taxon",
        parameters=PUBLIC,
        responses={
            200: example(serializers.TaxonDetailSerializer, "taxon in full"),
            **problems(404),
        },
    )
    @etagged
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One taxon with its names in all languages."""
        return super().retrieve(request, *args, **kwargs)


class Tree(PublicAnswers):
    """The tree of taxa, branch by branch, and names as they are typed."""

    @extend_schema(
        operation_id="taxa_tree_roots",
        summary="Read the roots of the classification",
        parameters=[*LANGUAGE, *PAGES, *PUBLIC],
        responses={200: example(taxon_serializers.TreeSerializer, "branches"), **problems()},
    )
    @etagged
    def roots(self, request: Request) -> Response:
        """Where the tree begins, with how much is held of each branch."""
        return self.branches(request, None, Holdings.of_roots())

    @extend_schema(
        summary="Read the children of a taxon",
        parameters=[*LANGUAGE, *PAGES, *PUBLIC],
        responses={200: example(taxon_serializers.TreeSerializer, "branches"), **problems(404)},
    )
    @etagged
    def below(self, request: Request, aphia_id: int) -> Response:
        """Its children that have records, with how much is held of each with all below it."""
        taxon = get_object_or_404(Taxon, pk=aphia_id)
        return self.branches(request, taxon, Holdings.of(taxon))

    @extend_schema(
        summary="Suggest taxa",
        parameters=[*TYPED, *PUBLIC],
        responses={
            200: example(taxon_serializers.SuggestionsSerializer, "suggestions"),
            **problems(),
        },
    )
    @etagged
    def suggest(self, request: Request) -> Response:
        """Return taxa whose name matches; `didYouMean` lists similar names, and only where nothing
        matches.
        """
        refuse_unknown(request.query_params, *PAGE_PARAMETERS, "q")
        text = read_parameter(request.query_params, "q")
        try:
            found = suggestions(text)
        except ValueError as error:
            raise InvalidQuery({"q": str(error)}) from None
        if len(text) < 2:
            raise InvalidQuery({"q": "Type at least two characters."})
        return Response(taxon_serializers.SuggestionsSerializer(found).data)

    def branches(self, request: Request, taxon: Taxon | None, holdings: Holdings) -> Response:
        """One page of the children; the cursor is their number in the order of records."""
        refuse_unknown(request.query_params, *PAGE_PARAMETERS, "language")
        language, limit, first = (
            read_language(request),
            read_limit(request.query_params),
            read_cursor(request),
        )
        page, last = holdings.branches[first : first + limit], first + limit
        goes_on = last < len(holdings.branches)
        rows = Taxon.objects.in_bulk([branch.aphia_id for branch in page])
        told = [branch for branch in page if not rows[branch.aphia_id].credits_algaebase]
        names = VernacularName.objects.chosen(language).of_taxa(
            [branch.aphia_id for branch in told]
        )
        common = {name.taxon_id: name.name for name in names} if language else {}
        body = {
            "taxon": taxon and named(taxon),
            "lineage": [named(above) for above in taxon.lineage() if not above.credits_algaebase]
            if taxon
            else [],
            "records": holdings.records,
            "species": holdings.species,
            "branches": [
                asdict(branch)
                | named(rows[branch.aphia_id])
                | {"common_name": common.get(branch.aphia_id, "")}
                for branch in told
            ],
            "withheld": len(page) - len(told),
            "numberReturned": len(told),
            "next": address_after(request, last) if goes_on else None,
        }
        headers = {"Link": next_link(request, last, "application/json")} if goes_on else {}
        return Response(taxon_serializers.TreeSerializer(body).data, headers=headers)


def named(taxon: Taxon) -> dict[str, Any]:
    """Of names that WoRMS credits to AlgaeBase nothing goes out but name, AphiaID and link."""
    rank = "" if taxon.credits_algaebase else taxon.rank
    return {"aphia_id": taxon.pk, "scientific_name": taxon.scientific_name, "rank": rank}


def read_language(request: Request) -> str:
    code = read_parameter(request.query_params, "language")
    if code and not CODE.fullmatch(code):
        raise InvalidQuery({"language": "Use an ISO 639-3 code, such as deu."})
    return code
