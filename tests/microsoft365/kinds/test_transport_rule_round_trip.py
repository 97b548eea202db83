"""Whatever is wanted of a mail rule is found again in what is sent."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.microsoft365.kinds.transport_rule.limits import RANGES
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.sdk.form import ADDRESSES, NUMBER, PATTERNS, SIZE, SWITCH, WORDS, Form
from toolkit.sdk.spec import Setting
from toolkit.values import satisfied

WORD = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
FEW_DOMAINS = st.builds(
    "{}@{}".format,
    st.from_regex(r"[\w!#$%&'*+/=^`{|}~-]{1,12}(\.\w{1,5})?", fullmatch=True, alphabet=st.characters(codec="ascii")),
    st.sampled_from(["x.uk", "EXAMPLE-Primary.example", "a.b.c.museum", "xn--bcher-kva.example", f"{'d' * 63}.org"]),
)
"""Addresses that are drawn quickly; the soak draws the domains too."""
RANGE = st.ip_addresses().map(str) | st.integers(0, 32).map(lambda bits: f"192.0.2.0/{bits}")
LISTS: Mapping[Form, st.SearchStrategy[str]] = {WORDS: WORD, PATTERNS: WORD, RANGES: RANGE}
SINGLE: Mapping[Form, st.SearchStrategy[Any]] = {
    SWITCH: st.booleans(),
    NUMBER: st.integers(-1, 9),
    SIZE: st.integers(1, 200).map("{} MB".format),
}


def _values(setting: Setting, addresses: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    if setting.form in SINGLE:
        return SINGLE[setting.form]
    entries = st.lists({**LISTS, ADDRESSES: addresses}[setting.form], min_size=1, max_size=4)
    return entries | entries.map(lambda items: {"contains": items})


def _rule_settings(addresses: st.SearchStrategy[str]) -> st.SearchStrategy[Mapping[str, Any]]:
    drawn = {*SINGLE, *LISTS, ADDRESSES}
    table = TransportRule.table().items()
    values = {name: _values(setting, addresses) for name, setting in table if setting.form in drawn}
    return st.fixed_dictionaries({}, optional=values)


@settings(max_examples=25)
@given(_rule_settings(FEW_DOMAINS))
def test_what_is_sent_satisfies_what_is_wanted_and_a_canonical_form_is_its_own(written: Mapping[str, Any]) -> None:
    _check(written)


@pytest.mark.soak
@settings(max_examples=1000)
@given(_rule_settings(st.emails()))
def test_whatever_is_sent_satisfies_what_is_wanted_and_a_canonical_form_is_its_own(written: Mapping[str, Any]) -> None:
    _check(written)


def _check(written: Mapping[str, Any]) -> None:
    table = TransportRule.table()
    wanted = {name: table[name].form.read(value) for name, value in written.items()}
    body = TransportRule.body(wanted)
    shown = {key: value["contains"] if isinstance(value, Mapping) else value for key, value in body.items()}
    observed = TransportRule.observed(shown)
    assert all(satisfied(value, observed[name]) for name, value in wanted.items())
    assert all(observed[name] is None for name in table.keys() - wanted.keys())

    once = TransportRule.observed(TransportRule.body(_plainly_wanted(written)))
    assert TransportRule.observed(TransportRule.body(once)) == once


def _plainly_wanted(written: Mapping[str, Any]) -> Mapping[str, Any]:
    table = TransportRule.table()
    lists = {name: value["contains"] if isinstance(value, Mapping) else value for name, value in written.items()}
    return {name: table[name].form.read(value) for name, value in lists.items()}
