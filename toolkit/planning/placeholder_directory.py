"""A directory in which everybody is away: shows what playbooks ask of people before a tenant says who they are."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from toolkit.planning.audience.resolve import groups_needed
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.directory import Directory, Group, Person
from toolkit.sdk.half_day import HalfDay
from toolkit.sdk.resource import Origin
from toolkit.sdk.signals import Due, Signals

_SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)


def imagined_directory(playbooks: Playbooks, provider: str) -> Directory:
    """Give a directory with somebody in every group that is named, since some objects there are only for people."""
    somebody = Person("somebody", f"somebody@{playbooks.school.domains[0]}", "Somebody")
    groups = {
        name: Group(name, name, name if "@" in name else None, frozenset([somebody.id]))
        for name in groups_needed(playbooks, provider)
    }
    return Directory({somebody.id: somebody}, groups)


def imagined_signals(playbooks: Playbooks) -> Mapping[Origin, Signals]:
    """Let a person of their own need something for every control that rests on signals."""
    entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls]
    return {
        entry.origin: _signals(
            Person(f"somebody {number}", f"somebody.{number}@{playbooks.school.domains[0]}", "Somebody")
        )
        for number, entry in enumerate(entries)
        if entry.settings.needs_signals
    }


def _signals(person: Person) -> Signals:
    ends = _SOME_DAY + timedelta(days=3)
    return Signals(due=(Due(person, _SOME_DAY, ends, HalfDay(ends.date()), covered=False),))
