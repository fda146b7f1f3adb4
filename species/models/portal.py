"""Facts about the portal as a whole, one row each: the version of its data, and when the queue
runner was last seen.
"""

import time
from datetime import UTC, datetime
from math import inf
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone


class Publication(NamedTuple):
    """The data's version and when it was published."""

    number: int
    published_at: datetime


NEVER = Publication(0, datetime(1970, 1, 1, tzinfo=UTC))


class ClockTime(models.Func):
    """The database's clock at this very moment, not at the beginning of the transaction."""

    function, output_field = "clock_timestamp", models.DateTimeField()


class DataVersion(models.Model):
    """The number that every published change raises; caches and addresses of tiles carry it."""

    number = models.BigIntegerField(default=1)
    published_at = models.DateTimeField(default=timezone.now)

    # when, on this process's clock, and what
    _read: ClassVar[tuple[float, Publication]] = -inf, NEVER

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="data_version_one_row")
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls) -> int:
        """The number as it stands now, or as this process read it at most DATA_VERSION_SECONDS ago."""
        return cls.latest().number

    @classmethod
    def latest(cls) -> Publication:
        """The same with its moment."""
        read_at, publication = cls._read
        if time.monotonic() - read_at >= settings.DATA_VERSION_SECONDS:
            found = cls.objects.filter(pk=1).values_list("number", "published_at").first()
            publication = Publication(*found) if found else NEVER
            cls._read = time.monotonic(), publication
        return publication

    @classmethod
    def advance(cls) -> None:
        """Raise the number; call it last in a publishing transaction, since its row is locked until
        the commit.
        """
        if not cls.objects.filter(pk=1).update(number=F("number") + 1, published_at=ClockTime()):
            cls.objects.create(pk=1)


class RunnerHeartbeat(models.Model):
    """When the process that takes queued refreshes last looked."""

    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="runner_heartbeat_one_row")
        ]

    def __str__(self) -> str:
        return self.seen_at.isoformat()

    @classmethod
    def beat(cls) -> None:
        cls.objects.update_or_create(pk=1, defaults={"seen_at": timezone.now()})


class UpstreamSync(models.Model):
    """How far a changes feed of an upstream service has been read."""

    name = models.CharField(max_length=40, unique=True)
    synced_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.synced_until:%Y-%m-%d %H:%M}"
