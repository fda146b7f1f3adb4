"""Reads from the source which environment variables the settings read; needs no Django.

The crontab and Compose need their names, the documentation also their types and defaults.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.setup.paths import CHECKOUT

CONFIG = CHECKOUT / "config"
SETTINGS = (CONFIG / "settings.py", CONFIG / "schedule.py")
# Functions of config/env.py: what they read, and the default when the call names none.
TYPES = {
    "text": ("Text.", None),
    "secret": ("Text.", None),
    "flag": ("`on` or `off`.", "off"),
    "words": ("A list, separated by commas.", ""),
    "networks": ("A list of IP addresses and networks, separated by commas.", ""),
    "site": ("A URL.", ""),
    "tile_url": ("A URL with `{z}`, `{x}` and `{y}`.", ""),
    "library": ("A path.", None),
}
JOB_TYPE = "Five cron fields, in UTC. Empty: the job does not run."


@dataclass(frozen=True)
class Variable:
    """An environment variable: its name, its type in words, and its default as text.

    The default is None for a required variable, and for one whose default is computed.
    """

    name: str
    type: str
    default: str | None


def read_variables(sources: Iterable[Path] | None = None) -> dict[str, Variable]:
    """Return the variables that these files read, by name, in the order of the source.

    Default: the settings, then the other modules of config/ that a running portal has.
    """
    found: list[Variable] = []
    for source in sources or (*SETTINGS, *_other_modules()):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="env"), attr=reader),
                    args=[ast.Constant(value=str(name)), *rest],
                ):
                    found += _read_call(name, reader, rest, node.keywords)
                case ast.Assign(targets=[ast.Name(id="JOBS")]):
                    jobs = ast.literal_eval(node.value)
                    found += [Variable(name, JOB_TYPE, time) for name, (time, _) in jobs.items()]
    return {variable.name: variable for variable in found}


def _other_modules() -> list[Path]:
    setup = CONFIG / "setup"
    modules = sorted(path for path in CONFIG.rglob("*.py") if setup not in path.parents)
    return [path for path in modules if path not in SETTINGS]


def _read_call(
    name: str, reader: str, rest: list[ast.expr], keywords: list[ast.keyword]
) -> list[Variable]:
    if reader == "choice":
        choices = [ast.literal_eval(choice) for choice in rest]
        words = ", ".join(f"`{choice}`" for choice in choices)
        return [Variable(name, f"One of {words}.", choices[0])]
    if reader == "number":
        low = next((ast.literal_eval(word.value) for word in keywords if word.arg == "low"), 0)
        kind = "whole number" if ast.unparse(rest[1]) == "int" else "number"
        return [Variable(name, f"A {kind}, at least {low}.", _read_default(rest[0]))]
    words, default = TYPES[reader]
    if rest and reader != "library":
        default = _read_default(rest[0])
    file = [Variable(f"{name}_FILE", "A path.", "")] if reader == "secret" else []
    return [Variable(name, words, default), *file]


def _read_default(node: ast.expr) -> str | None:
    """Return a default as it is written in the environment, or None for one that is computed."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
