"""Let `manage.py test` run the tests with pytest."""

from argparse import ArgumentParser
from typing import Any


class PytestRunner:
    """Django's test runner interface for pytest. Labels are paths; three common options work."""

    def __init__(
        self, verbosity: int = 1, failfast: bool = False, keepdb: bool = False, **options: Any
    ) -> None:
        self.arguments = ["--exitfirst"] * failfast + ["--reuse-db"] * keepdb
        self.arguments += (
            ["-" + "v" * (verbosity - 1)] if verbosity > 1 else ["-q"] * (1 - verbosity)
        )

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--keepdb", action="store_true", help="keep the test database for the next run"
        )

    def run_tests(self, test_labels: list[str], **kwargs: Any) -> int:
        """Run the labelled tests, or all, and return pytest's exit status."""
        import pytest  # the production image has no pytest, and asks for no test

        return int(pytest.main([*self.arguments, *test_labels]))
