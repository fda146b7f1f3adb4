"""Facts about the portal as a whole: the version of its data, the last sign of the queue runner."""

import time
from datetime import UTC, datetime
from math import inf
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone


class Publication(NamedTuple):
    """A version of the data and its time."""

    number: int
    published_at: datetime


NEVER = Publication(0, datetime(1970, 1, 1, tzinfo=UTC))


class ClockTime(models.Func):
    """The time on the database's clock, not the start of the transaction."""

    function, output_field = "clock_timestamp", models.DateTimeField()


class DataVersion(models.Model):
    """A number that each published change raises. Caches and addresses of tiles contain it."""

    number = models.BigIntegerField(default=1)
    published_at = models.DateTimeField(default=timezone.now)

    # Of this process: time on its clock, and the version read then.
    _read: ClassVar[tuple[float, Publication]] = -inf, NEVER

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="data_version_one_row")
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls) -> int:
        """Return the number, at most DATA_VERSION_SECONDS old."""
        return cls.latest().number

    @classmethod
    def latest(cls) -> Publication:
        """Return number and time, at most DATA_VERSION_SECONDS old."""
        read_at, publication = cls._read
        if time.monotonic() - read_at >= settings.DATA_VERSION_SECONDS:
            found = cls.objects.filter(pk=1).values_list("number", "published_at").first()
            publication = Publication(*found) if found else NEVER
            cls._read = time.monotonic(), publication
        return publication

    @classmethod
    def advance(cls) -> None:
        """Raise the number. Call it last in a transaction: it locks the row until the commit."""
        if not cls.objects.filter(pk=1).update(number=F("number") + 1, published_at=ClockTime()):
            cls.objects.create(pk=1)


class RunnerHeartbeat(models.Model):
    """When the queue runner last looked for queued refreshes."""

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
    """How far the changes of an upstream service have been read."""

    name = models.CharField(max_length=40, unique=True)
    synced_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.synced_until:%Y-%m-%d %H:%M}"
