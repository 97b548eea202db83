"""Every number that a check finds is in its measurement, on every control of both clouds and of the records."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.schools import Schools
from toolkit import api
from toolkit.planning.checks.findings import ControlFinding
from toolkit.sdk.measurement import Measurement
from toolkit.sdk.providers import checks, providers
from toolkit.values import Json

OPTIONAL = ("count_outside:", "mailbox:", "direct_send:", "alert_sender:")
"""Settings that the sample shows in a comment, with which more is counted."""
UNSEEN = {
    "CountedDevices",  # what other measurements are made of
    "CopyCounts",  # of a school with exported evidence
    "DeliveredAlerts",  # of an app that may trace messages
    "TracedMail",  # the same
    "DeviceHolders",  # of a register with people's addresses
    "NoDeviceInUse",  # of a school without devices
    "NoMailboxes",  # of a school without mailboxes
    "MissingMailboxes",  # of a mailbox that is on no cloud
    "UnseenPeople",  # of people who cannot be read
}
"""Measurements that the sample school does not give."""


@pytest.fixture(scope="module")
def findings(module_schools: Schools) -> Sequence[ControlFinding]:
    """Give all that `check` finds of the sample school, which asks for everything that can be counted."""
    door = module_schools.build(samples=True)
    for path in door.playbooks.glob("*.yaml"):
        path.write_text(_with_optional_counts(path))
    settings = api.read_settings(door.playbooks, door.variables)
    return api.check(api.load(door.playbooks), settings=settings).findings


def _with_optional_counts(path: Path) -> str:
    text = path.read_text()
    for setting in OPTIONAL:
        text = text.replace(f"# {setting}", setting)
    return text


def _numbers(value: Json) -> Iterator[float]:
    if isinstance(value, bool | str | None):
        return
    if isinstance(value, int | float):
        yield value
        return
    for inner in value.values() if hasattr(value, "values") else value:
        yield from _numbers(inner)


def _subclasses(sort: type[Measurement]) -> Iterator[type[Measurement]]:
    for made in sort.__subclasses__():
        yield made
        yield from _subclasses(made)


def test_every_check_of_every_cloud_was_asked(findings: Sequence[ControlFinding]) -> None:
    measured = {(found.provider, found.control) for found in findings if found.measured}

    assert {(name, control) for name in providers() for control in checks(name)} <= measured


def test_no_check_keeps_a_number_outside_its_measurement(findings: Sequence[ControlFinding]) -> None:
    counting = [found for found in findings if [*_numbers(found.finding.evidence)]]
    outside = [(found.control, found.finding.subject) for found in counting if [*_numbers(found.finding.facts)]]

    assert outside == []
    assert [found.control for found in counting if not found.finding.measurement] == []


def test_every_sort_of_measurement_is_made_or_named_here(findings: Sequence[ControlFinding]) -> None:
    seen = {type(found.finding.measurement).__name__ for found in findings if found.finding.measurement}
    sorts = {
        sort.__name__ for sort in _subclasses(Measurement) if sort.__module__.startswith(("toolkit.", "connectors."))
    }

    assert sorts - seen == UNSEEN
