"""Every kind that is found keeps the contract's outer terms: it has cases, and a sample in the playbooks shows it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from tests.cases import CASES, KINDS, REFUSED, Refused, playbook, resource
from tests.door import SAMPLES
from toolkit.controls.control import controls
from toolkit.engine.desired_state import cloud_catalogues, validate
from toolkit.errors import PlaybookError
from toolkit.planning.expand import expand
from toolkit.playbook.load import load
from toolkit.school.calendar import HalfDay
from toolkit.school.signals import Due, Signals
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory, Person
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds, precedences

_BENCHMARKS_ONLY = {"microsoft365.connection_filter", "microsoft365.sharing_policy"}
"""Kinds that the sample school does not ask for: what they close is for each school to ask about first."""


@pytest.fixture(scope="module")
def sampled() -> set[str]:
    """Give the kinds of all objects that the sample playbooks ask for, by themselves or through a control."""
    playbooks = load(SAMPLES)
    somebody = Directory(people={"1": Person("1", "somebody@example-primary.example", "Somebody")})
    everywhere = dict.fromkeys(playbooks.school.tenants, somebody)
    now = datetime(2026, 11, 10, tzinfo=UTC)
    away = Signals(
        due=(Due(somebody.people["1"], now, now + timedelta(days=2), HalfDay(now.date()), is_covered=False),)
    )
    entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls]
    seeing = {entry.identity: away for entry in entries if entry.name == "mail.out_of_office"}
    signals = dict.fromkeys(everywhere, seeing)
    expansion = expand(playbooks, cloud_catalogues(list(everywhere)), controls(), everywhere, signals=signals)
    return {wanted.address.kind_path for wanted in expansion.wanted}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_a_sample_in_the_playbooks(kind: str, sampled: set[str]) -> None:
    assert kind in (_asked_by_benchmarks() if kind in _BENCHMARKS_ONLY else sampled)


def _asked_by_benchmarks() -> set[str]:
    playbooks = load(SAMPLES.parent / "tests" / "samples" / "benchmarks").playbooks
    return {entry.address.kind_path for playbook in playbooks for entry in playbook.resources}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_cases_with_edits_and_cases_that_are_refused(kind: str) -> None:
    assert [case for case in CASES if case.kind == kind and case.edits]
    assert [refused for refused in REFUSED if refused.kind == kind]


@pytest.mark.parametrize("kind", KINDS)
def test_the_edits_of_a_kind_change_every_setting_that_it_has(kind: str) -> None:
    provider, _, name = kind.partition(".")
    edited = {edit.setting for case in CASES if case.kind == kind for edit in case.edits}

    of = kinds(provider)[name]
    unasked = {key for key, one in of.spec.table().items() if one.by_hand or (one.mark and of.is_ours is None)}
    assert edited & of.spec.table().keys() == of.spec.table().keys() - unasked


_BY_RULES = {
    "microsoft365.anti_phish_policy",
    "microsoft365.conditional_access_policy",
    "microsoft365.content_filter_policy",
    "microsoft365.malware_filter_policy",
    "microsoft365.outbound_spam_policy",
    "microsoft365.safe_attachment_policy",
}
"""Kinds whose objects reach the groups that rules name which toolkit does not write, so that no plan counts these."""


def _names_groups(kind: Kind[Connection]) -> bool:
    """Return whether an object can name a group or unit: by its name, or by any of its settings."""
    of_sample = re.search(r"^- [\w.]+: (.+)$", kind.sample, re.MULTILINE)
    name = of_sample[1] if of_sample else ""
    each = [{setting: ("all-staff@example-primary.example",)} for setting in kind.spec.table()]
    return any(kind.reaches(name, settings).named_groups for settings in ({}, *each))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_whose_objects_name_groups_declares_what_becomes_of_groups_inside_them(kind: str) -> None:
    provider, _, name = kind.partition(".")
    found = kinds(provider)[name]

    assert (found.nesting is not None) is (_names_groups(found) or kind in _BY_RULES)


@pytest.mark.parametrize("provider", sorted({kind.partition(".")[0] for kind in KINDS}))
def test_a_mechanism_says_of_groups_inside_groups_what_its_kinds_say(provider: str) -> None:
    for mechanism in precedences(provider):
        assert {kinds(provider)[name].nesting for name in mechanism.kinds} == {mechanism.nesting}


@pytest.mark.parametrize("refused", REFUSED, ids=str)
def test_what_is_wrong_is_refused_with_its_reason_at_file_and_line(refused: Refused, tmp_path: Path) -> None:
    copyfile(SAMPLES / "00-school.yaml", tmp_path / "00-school.yaml")
    path = tmp_path / "10-cases.yaml"
    path.write_text(playbook(resource(refused.kind, _name(refused), refused.settings)))

    with pytest.raises(PlaybookError) as error:
        validate(tmp_path)

    assert refused.message in str(error.value)
    assert {problem.path for problem in error.value.problems} == {str(path)}
    assert all(6 <= problem.line <= 6 + len(refused.settings) for problem in error.value.problems)


def _name(refused: Refused) -> str:
    """Give a name that the kind takes: that of its first case."""
    return next(case.name for case in CASES if case.kind == refused.kind)
