"""The settings and shared objects of one run."""

from collections.abc import Callable
from dataclasses import dataclass, field

from species.density.maintain import EVERY, maintain_densities
from species.models import Dataset, DatasetVisit, RefreshRun, RefreshScope
from species.refresh.fetch.obis import Obis
from species.refresh.parser_process import ParserProcess


@dataclass(slots=True)
class RunContext:
    """The settings of a run, its clients, and its notes so far."""

    obis: Obis
    run: RefreshRun
    scope: RefreshScope
    is_standing: bool  # the portal's own scope: missing records are withdrawn
    page_size: int
    pages_left: int | None  # None: all
    resume: bool
    may_narrow: bool  # the operator agreed to withdraw records outside a narrowed scope
    say: Callable[[str], None]
    on_page: Callable[[Dataset, DatasetVisit], None]
    parser: ParserProcess = field(default_factory=ParserProcess)
    notes: list[str] = field(default_factory=list)
    untended: int = 0  # published changes that the atlas has not been tended after
    failed_in_a_row: int = 0
    # datasets that could not be read, each with its reason
    failed: list[str] = field(default_factory=list)

    def changed(self, observations: int) -> None:
        """Compact the densities after many changes, so that readers do not add up too many layers."""
        self.untended += observations
        if self.untended >= EVERY and not self.run.is_dry_run:
            maintain_densities(self.say)
            self.untended = 0

    def drop_pages(self) -> None:
        """Stop preparing pages of a dataset that was given up, and start afresh."""
        self.parser.close()
        self.parser = ParserProcess()

    def close(self) -> None:
        """Stop the second process."""
        self.parser.close()

    def note(self, sentence: str) -> None:
        """Report a message and keep it in the notes of the run."""
        self.notes.append(sentence)
        self.say(sentence)
