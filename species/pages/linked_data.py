"""Canonical addresses and schema.org data of pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from species.atlas.tree import Holdings
from species.masking import mask, mask_addresses
from species.models import Dataset, Taxon, VernacularName

CONTEXT = "https://schema.org"
MOST_NAMES = 20


@dataclass(frozen=True, slots=True)
class About:
    """Canonical address, JSON-LD, and whether search engines may list the page."""

    title: str
    description: str
    url: str
    data: dict[str, Any]
    is_listed: bool


def of_taxon(
    request: HttpRequest,
    taxon: Taxon,
    holdings: Holdings,
    names: Iterable[VernacularName],
    lineage: list[Taxon],
) -> About:
    """Return the data of a taxon. Source: bioschemas.org/profiles/Taxon."""
    url = request.build_absolute_uri(taxon.get_absolute_url())
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Taxon",
        "@id": url,
        "url": url,
        "name": taxon.scientific_name,
        "identifier": f"urn:lsid:marinespecies.org:taxname:{taxon.aphia_id}",
        "sameAs": [taxon.worms_url, taxon.obis_url],
    }
    if not taxon.credits_algaebase:
        # schema.org has Text here, without a language
        others = list(dict.fromkeys(mask(name.name) for name in names))
        data |= {"taxonRank": taxon.rank.lower()} if taxon.rank else {}
        data |= {"alternateName": others[:MOST_NAMES]} if others else {}
        if lineage:
            above = request.build_absolute_uri(lineage[-1].get_absolute_url())
            data["parentTaxon"] = {
                "@type": "Taxon",
                "@id": above,
                "name": lineage[-1].scientific_name,
            }
    described = ngettext(
        ("%(n)s record of %(name)s on a map, by year, month and depth, with its source."),
        "%(n)s records of %(name)s on a map, by year, month and depth, with sources.",
        holdings.records,
    ) % {"n": number_format(holdings.records, force_grouping=True), "name": taxon.scientific_name}
    return About(taxon.scientific_name, described, url, data, is_listed=holdings.records > 0)


def of_dataset(request: HttpRequest, dataset: Dataset) -> About:
    """Return the data of a dataset, for dataset search engines."""
    url = request.build_absolute_uri(dataset.get_absolute_url())
    title = mask(dataset.title)
    described = _("%(n)s records of marine life from the dataset “%(title)s”.") % {
        "n": number_format(dataset.published_count, force_grouping=True),
        "title": title,
    }
    api = request.build_absolute_uri(reverse("api:observation-list")) + f"?dataset={dataset.uuid}"
    told = {
        "creditText": mask(dataset.citation),
        "license": dataset.license_uri,
        "sameAs": [link for link in (web_address(dataset.url), dataset.obis_url) if link],
        "dateModified": dataset.refreshed_at.date().isoformat() if dataset.refreshed_at else "",
    }
    data = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": url,
        "url": url,
        "name": title,
        "description": described,
        "identifier": str(dataset.uuid),
        "isAccessibleForFree": True,
        "distribution": {
            "@type": "DataDownload",
            "encodingFormat": "application/geo+json",
            "contentUrl": api,
        },
    } | {name: value for name, value in told.items() if value}
    return About(title, described, url, data, is_listed=dataset.published_count > 0)


def web_address(text: str) -> str:
    """Return an upstream address if it is http(s), else ""."""
    is_web = text.startswith(("http://", "https://")) and "@" not in text
    return text if is_web and mask_addresses(text) == text else ""
