"""Every rule that the code applies is written down for people, exactly once."""

import re
from collections import Counter

import pytest

from species.rules import OBIS_FLAGS, RULES
from species.terms import Finding, ObisFlag


def test_every_finding_has_exactly_one_rule():
    assert Counter(rule.finding for rule in RULES if rule.effect == "finding") == dict.fromkeys(
        Finding, 1
    )


def test_codes_are_unique():
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_every_flag_of_obis_is_explained():
    assert set(OBIS_FLAGS) == set(ObisFlag)


@pytest.mark.parametrize("sentence", [rule.statement for rule in RULES] + list(OBIS_FLAGS.values()))
def test_each_statement_is_one_or_two_whole_sentences(sentence):
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert len(re.findall(r"[a-z]\. [A-Z]", sentence)) <= 1
    assert not re.search(r"[a-z]\. [a-z]", sentence)
