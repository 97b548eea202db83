"""The drawn sets: always the same, with every decided condition, and accepted by the emulator."""

from collections import Counter
from itertools import chain

import pytest

from connectors.emulator.microsoft365.delivery.conditions import DECISIONS, SECOND_HALVES
from connectors.emulator.microsoft365.exchange.rules import CONDITIONS
from tests.delivery.arrange import arrange
from tests.delivery.decided import DECIDED, OTHERS, SOURCES
from tests.delivery.draw import DrawnSet, draw_set, draw_sets
from tests.emulated import FEW_PUPILS, Emulator


def _conditions(sets: list[DrawnSet]) -> set[str]:
    rules = chain.from_iterable(drawn.settings.get("rules", ()) for drawn in sets)
    return {name.removeprefix("ExceptIf") for rule in rules for name in rule}


def test_a_number_always_gives_the_same_set() -> None:
    assert draw_set(7) == draw_set(7)
    assert draw_set(7) != draw_set(8)
    assert draw_set(7) != draw_set(7, decided_only=False)


def test_two_hundred_sets_use_each_decided_condition_and_no_other() -> None:
    sets = list(draw_sets())

    assert (len(sets), sum(len(drawn.messages) for drawn in sets)) == (200, 5000)
    assert _conditions(sets) >= DECIDED
    assert not _conditions(sets) & OTHERS
    assert _conditions(list(draw_sets(decided_only=False))) & OTHERS


def test_forty_conditions_must_be_decided_and_each_other_condition_has_its_reason() -> None:
    every = {parameter.name for parameter in CONDITIONS} - SECOND_HALVES

    assert len(DECIDED) == 40
    assert every == DECIDED | OTHERS
    assert not DECIDED & OTHERS
    assert DECISIONS.keys() - OTHERS == DECIDED
    assert all(source.startswith("https://") for source in SOURCES)


@pytest.mark.parametrize("decided_only", [True, False], ids=["decided", "others too"])
def test_drawn_messages_have_outcomes(emulator: Emulator, decided_only: bool) -> None:  # noqa: FBT001 - a case
    results: Counter[str] = Counter()
    for drawn in draw_sets(8, decided_only=decided_only):
        tenant = emulator.borrow_tenant(**FEW_PUPILS)
        arrange(tenant, drawn.settings)
        outcomes = tenant.deliver(drawn.cloud, *drawn.messages)
        tenant.close()
        assert all(outcomes)
        results.update(outcome["result"] for outcome in chain.from_iterable(outcomes))

    assert {"delivered", "rejected", "quarantined"} <= results.keys()
    assert results["unknown"] < results.total() / 20 if decided_only else results["unknown"]
