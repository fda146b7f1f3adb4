"""The list of datasets with a search, and a page for each."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from species.atlas.planner import plan_query
from species.caching import cache_version
from species.filters import ObservationFilter
from species.models import Dataset
from species.pages import linked_data
from species.pages.htmx import HtmxRequest
from species.pages.paging import page_number

DATASETS_PER_PAGE = 25
LONGEST_SEARCH = 100


@vary_on_headers("HX-Request")
@require_safe
def dataset_list(request: HtmxRequest) -> HttpResponse:
    """List the datasets with published records, the largest first, with citations."""
    asked = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    rows = Dataset.objects.listed()
    pages = Paginator(rows.mentioning(asked) if asked else rows, DATASETS_PER_PAGE)
    datasets = pages.page(page_number(request, pages))
    context = {"asked": asked, "datasets": datasets, "today": timezone.now()}
    return render(
        request, "species/dataset_list.html" + ("#datasets" if request.htmx else ""), context
    )


@require_safe
def dataset_detail(request: HtmxRequest, uuid: UUID) -> HttpResponse:
    """Show a dataset with its citation, last update and contents."""
    dataset = get_object_or_404(Dataset, uuid=uuid)
    context: dict[str, Any] = {
        "dataset": dataset,
        "query": f"dataset={dataset.uuid}",
        "extent": plan_query(ObservationFilter(dataset=(dataset.uuid,))).extent(),
        "version": cache_version(),
        "today": timezone.now(),
        "about": linked_data.of_dataset(request, dataset),
    }
    return render(request, "species/dataset_detail.html", context)
