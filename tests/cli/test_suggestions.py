"""A wrong name or date on the command line gets the one that was meant, before anything is written."""

import pytest

from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

RULE = """
playbook: rules
title: A mail rule
resources:
  - microsoft365.transport_rule: Mark mail
    sent_to: [office@example-primary.example]
    prepend_subject: "[office] "
"""
WRONG = [
    (
        ("plan", "--only", "Mark mial"),
        "no object or control in the playbooks has this name: did you mean `Mark mail`?",
    ),
    (("plan", "--provider", "microsft365"), "the school file names microsoft365; did you mean `microsoft365`?"),
    (
        ("plan", "--allow-changes", "microsoft365.transport_rules"),
        "unknown kind `microsoft365.transport_rules`: did you mean `microsoft365.transport_rule`?",
    ),
    (("rollover", "--by", "6/9/2027"), "'6/9/2027' is not a date: did you mean `2027-09-06`?"),
    (("audit", "export", "-o", "reports", "--since", "2026-9-1"), "is not a date: did you mean `2026-09-01`?"),
    (("audit", "export", "-o", "reports", "--since", "soon"), "'soon' is not a date. Write a date such as 2026-09-01"),
    (("paln",), "Did you mean plan?"),
    (("release",), "Did you mean hold release or report release?"),
    (("kinds", "trnsport"), "no kind or control is called trnsport: `toolkit kinds` lists them"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_the_message_names_what_was_meant(bare_door: Door, words: tuple[str, ...], said: str) -> None:
    bare_door.write("10-rules.yaml", RULE)
    where = [] if words[0] in {"paln", "release", "kinds"} else [bare_door.playbooks]

    answered = bare_door(*words, *where)

    assert answered.exit == 2
    assert said in answered.err
