"""A name or a setting of a million characters is cut with its length on the terminal, and a name in the ledger too."""

import sqlite3
from contextlib import closing

import pytest

from tests.cases import playbook, resource
from tests.door import Door
from tests.schools import few_people
from toolkit.engine.read_tenants import LONGEST_NAME
from toolkit.planning.change import Field
from toolkit.printable import cut
from toolkit.render.values_text import format_difference, format_value

pytestmark = few_people

STORED, NAME = "exchange.transportRules", "Mark mail"
LONG = "x" * 1_000_000
COMMANDS = (("plan",), ("plan", "--verbose"), ("drift",), ("check",))


def _stored(door: Door) -> int:
    with closing(sqlite3.connect(door.state / "emulator" / "ledger.db")) as ledger:
        return sum(len(text) for (text,) in ledger.execute("SELECT text FROM entry"))


@pytest.fixture
def long_door(bare_door: Door) -> Door:
    """Apply a rule; then a person writes a long text into it and makes a rule with a long name."""
    door = bare_door
    rule = resource("microsoft365.transport_rule", NAME, {"prepend_subject": "[office] "})
    door.write("10-rules.yaml", playbook(rule, slug="rules"))
    assert door.toolkit("apply", "--yes").exit == 0
    ((key, found),) = [(key, rule) for key, rule in door.tenant.objects(STORED).items() if rule["Name"] == NAME]
    other = f"{key[:-4]}beef"
    theirs = {"Name": f"Theirs {LONG}", "Comments": LONG, "Guid": other, "Identity": other}
    door.tenant.put(STORED, other, {**found, **theirs})
    door.tenant.patch(STORED, key, PrependSubject=LONG)
    return door


def test_long_names_and_settings_are_cut_on_the_terminal_and_names_in_the_ledger(long_door: Door) -> None:
    for words in COMMANDS:
        before = _stored(long_door)
        answered = long_door.toolkit(*words)
        assert len(answered.out) + len(answered.err) < 5_000, words
        assert _stored(long_door) - before < 5_000, words

    assert "(1000000 characters)" in long_door.toolkit("plan").out
    named = long_door.toolkit("plan", "--verbose").out
    assert f"[{len(LONG) + len('Theirs ') - LONGEST_NAME:,} characters cut]" in named


def test_the_ledger_keeps_what_a_rollback_needs_and_no_long_name(long_door: Door) -> None:
    before = _stored(long_door)

    assert long_door.toolkit("apply", "--yes").exit == 0

    assert len(LONG) < _stored(long_door) - before < len(LONG) + 50_000
    assert len(long_door("audit", "log").out) < 5_000


def test_a_text_is_cut_with_the_number_of_characters_that_are_left_out() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("abcdef", 3) == "abc [3 characters cut]"


@pytest.mark.parametrize(
    "field",
    [
        Field("text", "a " * 500_000, "b " * 500_000),
        Field("text", LONG, "short"),
        Field("list", (LONG,), ("short",)),
        Field("list", ("short",), (LONG,)),
    ],
)
def test_a_difference_of_long_values_is_short(field: Field) -> None:
    assert len(format_difference(field)) < 2_000
    assert "characters" in format_difference(field)
    assert len(format_value((LONG, "short"))) < 2_000
