"""Every kind declares its reach, and whom its objects touch agrees with it."""

import pytest

from toolkit.planning.audience.reach import find_reached_ids
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory, Person
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.targets import Scale

KINDS = {f"{provider}.{name}": kind for provider in providers() for name, kind in kinds(provider).items()}
PEOPLE = {one: Person(one, f"{one}@example.org", one, enabled=True) for one in ("head", "office", "pupil")}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_kind_reaches_whom_it_declares(kind: Kind[Connection]) -> None:
    match kind.reach:
        case Scale.TENANT:
            targets = kind.reaches("head", {})
            assert targets.everyone
            assert targets.whole_tenant
            assert kind.targets is None
            assert find_reached_ids(targets, Directory(people=PEOPLE), None).reach.people == len(PEOPLE)
        case Scale.MAILBOX:
            assert kind.targets or kind.reaches("head", {}).people == {"head"}
        case Scale.DEVICE:
            assert kind.targets or kind.reaches("head", {}).all_devices
        case Scale.GROUP | Scale.UNIT:
            assert kind.targets or kind.read_only


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.per_person], ids=lambda kind: kind.name)
def test_what_each_person_has_one_of_reaches_a_mailbox(kind: Kind[Connection]) -> None:
    assert kind.reach is Scale.MAILBOX
