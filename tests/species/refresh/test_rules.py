"""Every rule that the code applies is written down for people, exactly once."""

import re
from collections import Counter
from pathlib import Path

import pytest

from species.refresh import rules
from species.refresh.load import PURGED
from species.refresh.rules import OBIS_FLAGS, RULES
from species.terms import Finding, ObisFlag

SOURCES = [path for path in Path(rules.__file__).parent.glob("*.py") if path.name != "rules.py"]


def test_every_finding_has_exactly_one_rule():
    assert Counter(rule.finding for rule in RULES if rule.effect == "finding") == dict.fromkeys(Finding, 1)


def test_every_reason_in_the_code_has_exactly_one_rule_and_every_rule_is_used():
    used = {PURGED}
    for source in SOURCES:
        for call in re.findall(r"Rejected\(([^)]*)\)", source.read_text()):
            used |= set(re.findall(r'"(\w+)"', call))
    assert used == {rule.code for rule in RULES if rule.effect == "rejected"}


def test_codes_are_unique():
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_every_flag_of_obis_is_explained():
    assert set(OBIS_FLAGS) == set(ObisFlag)


@pytest.mark.parametrize("sentence", [rule.statement for rule in RULES] + list(OBIS_FLAGS.values()))
def test_each_statement_is_one_sentence(sentence):
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert not re.search(r"[a-z]\. [A-Z]", sentence)
