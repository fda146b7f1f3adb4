"""System checks: mistakes of deployment that should stop a start rather than surprise a visitor."""

from collections.abc import Callable, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.gis import gdal, geos
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from species.refresh.cron_times import CronTime
from species.refresh.options import (
    BadOptions,
    parse_dataset_id,
    parse_geometry,
    parse_whole_number,
    split_list,
)

Apps = Sequence[AppConfig] | None


@register()
def check_refresh_scope(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """The standing scope is what the refresh's own options would accept."""
    readers: dict[str, tuple[str, Callable[[str], object]]] = {
        "taxonid": (
            "REFRESH_TAXON_IDS",
            lambda text: [
                parse_whole_number(part, "AphiaID", 2**31 - 1) for part in split_list(text)
            ],
        ),
        "datasetid": (
            "REFRESH_DATASET_IDS",
            lambda text: [parse_dataset_id(part) for part in split_list(text)],
        ),
        "geometry": ("REFRESH_GEOMETRY", parse_geometry),
    }
    found: list[CheckMessage] = []
    for name, (variable, read) in readers.items():
        try:
            read(settings.REFRESH_SCOPE.get(name, ""))
        except BadOptions as error:
            found.append(Error(f"{variable}: {error}", id="species.E001"))
    return found


@register()
def check_schedule(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Every job has five fields that cron reads; django-crontab itself would put anything into the
    crontab.
    """
    found: list[CheckMessage] = []
    for job in getattr(settings, "CRONJOBS", ()):
        try:
            CronTime.from_text(job[0])
        except (ValueError, AttributeError) as error:
            found.append(
                Error(f"CRONJOBS: {job[0]!r} is no time of cron: {error}", id="species.E002")
            )
    return found


@register()
def check_libraries(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """GDAL and GEOS are there and can be loaded."""
    found: list[CheckMessage] = []
    for name, hint, version in (
        ("GDAL", "GDAL_LIBRARY_PATH", gdal.gdal_version),
        ("GEOS", "GEOS_LIBRARY_PATH", geos.geos_version),
    ):
        try:
            version()
        except (ImproperlyConfigured, gdal.GDALException, OSError, AttributeError) as error:
            hint = f"Install the locked packages, whose wheels include it, or set {hint}."
            found.append(Error(f"Can't load {name}: {error}", hint=hint, id="species.E003"))
    return found


@register()
def check_addresses(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """OBIS and WoRMS are addresses of the web."""
    return [
        Error(
            f"{name} must be an http(s) address, not {getattr(settings, name)!r}.",
            id="species.E004",
        )
        for name in ("OBIS_API_URL", "WORMS_API_URL")
        if not str(getattr(settings, name)).startswith(("http://", "https://"))
    ]


@register(Tags.security, deploy=True)
def check_people_can_be_reached(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Somebody hears of a failed refresh, and OBIS and WoRMS can reach whoever asks them."""
    found: list[CheckMessage] = []
    if not settings.ADMINS:
        hint = "Set ADMINS to email addresses separated by commas."
        found.append(
            Warning(
                "No one gets an email when a refresh fails, because ADMINS is empty.",
                hint=hint,
                id="species.W001",
            )
        )
    elif settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        hint = "Set EMAIL_HOST to send mail to ADMINS."
        found.append(Warning("Mail is only printed to the terminal.", hint=hint, id="species.W003"))
    if not settings.UPSTREAM_CONTACT:
        hint = "Set UPSTREAM_CONTACT to an email address or a web page."
        found.append(
            Warning(
                "OBIS and WoRMS can't contact you, because UPSTREAM_CONTACT is empty.",
                hint=hint,
                id="species.W002",
            )
        )
    return found
