"""The stages of the refresh know as little of each other as they can."""

import ast
from pathlib import Path

import pytest

REFRESH = Path(__file__).parents[3] / "species" / "refresh"
PAGE_TYPES = {"species.refresh.fetch.page_parser", "species.refresh.fetch.elements"}
STAGES = ("fetch", "clean", "write", "taxonomy")


def imported_by(stage: str) -> set[str]:
    """Return the modules of the refresh that the files of a stage import."""
    nodes = [
        node
        for file in (REFRESH / stage).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
    ]
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name for name in names if name.startswith("species.refresh.")}


def of_stages(names: set[str], *stages: str) -> set[str]:
    return {name for name in names if name.split(".")[2] in stages}


def test_fetching_knows_no_other_stage():
    assert not of_stages(imported_by("fetch"), "clean", "write", "taxonomy")


def test_cleaning_knows_nothing_of_fetching_but_the_page():
    assert of_stages(imported_by("clean"), "fetch", "write", "taxonomy") == PAGE_TYPES


def test_writing_knows_neither_fetching_nor_cleaning():
    assert not of_stages(imported_by("write"), "fetch", "clean")


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_knows_the_runs_above_it(stage):
    ground = {"copy_text", "hashes", "payload", "records", "storage", "text"}
    assert {name.split(".")[2] for name in imported_by(stage)} <= {*STAGES, *ground}
