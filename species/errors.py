"""Errors that every layer may raise and the pages and APIs report."""


class InvalidQuery(Exception):
    """A query that cannot be answered; `errors` maps each invalid parameter to the reason."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in errors.items()))
        self.errors = errors
