"""The controls and kinds that a playbook can use, and the context in which a playbook file is read."""

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path

from toolkit.catalogue.guard import NeededHost, needed_hosts, school_hosts, shared_hosts
from toolkit.catalogue.naming import Catalogue
from toolkit.controls.control import Control, ControlSettings, controls
from toolkit.errors import Problem
from toolkit.part_modules import BrokenModule, broken_control
from toolkit.playbook.decisions import Decisions
from toolkit.playbook.file_format import RENAMED, RenamedKey
from toolkit.playbook.playbook_schema import ResourceWords
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import broken_kind, kinds, providers
from toolkit.sdk.resource import Mode
from toolkit.yaml.node import Source

CONTROLS = "toolkit.controls"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Controls by name, kinds by provider and name, and renamed keys."""

    controls: Mapping[str, Control]
    kinds: Mapping[str, Mapping[str, Kind[Connection]]]
    renamed: tuple[RenamedKey, ...] = ()

    def kind(self, name: str) -> tuple[str, Kind[Connection]] | None:
        """Return the provider and the kind for a kind's full name, or None if there is no such kind.

        Only this kind is imported.
        """
        provider, _, own = name.partition(".")
        kind = self.kinds[provider].get(own) if provider in self.kinds else None
        return (provider, kind) if kind else None

    def find_broken_module(self, name: str) -> BrokenModule | None:
        """Return the error with which the module of a control or a kind failed to load, or None if it loaded."""
        provider, _, own = name.partition(".")
        if name in self.controls:
            return None
        return broken_kind(provider, own) if provider in self.kinds else broken_control(name, CONTROLS)

    def kind_names(self) -> Mapping[str, tuple[str, Kind[Connection]]]:
        """Return each provider and kind by the kind's full name, such as `microsoft365.transport_rule`."""
        return {
            f"{provider}.{name}": (provider, kind)
            for provider, of_provider in self.kinds.items()
            for name, kind in of_provider.items()
        }


def installed_vocabulary() -> Vocabulary:
    """Return every installed control, and every kind of every connector."""
    return Vocabulary(controls(), {provider: kinds(provider) for provider in providers()}, RENAMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The context of a playbook file that is being read. `school` is None if the school file is invalid."""

    source: Source
    slug: str
    mode: Mode
    school: School | None
    vocabulary: Vocabulary
    read_text: Callable[[str], str]
    find_absences: Callable[[str], Path]
    apps: Catalogue
    problems: list[Problem]
    decisions: Decisions = field(default_factory=Decisions)
    clauses: tuple[str, ...] = ()  # the clauses of the file
    open_choices: dict[str, None] = field(default_factory=dict)  # undecided choices that do not stop an entry

    def needs(self) -> tuple[NeededHost, ...]:
        """Return the hosts that must not be blocked: hosts of the clouds, of several apps, and of the school."""
        school = school_hosts(self.school.domains, self.school.website) if self.school else ()
        return (*needed_hosts(), *shared_hosts(self.apps), *school)

    def add_problem(self, line: int, message: str) -> None:
        self.problems.append(self.source.problem(line, message))


def contradiction(words: ControlSettings | ResourceWords) -> str | None:
    """Return a message if `adopt`, `beside`, `leave` or `ours` contradict each other, or None."""
    alike = {"adopt": words.adopt, "beside": words.beside, "leave": words.leave}
    for said in (alike, {"leave": words.leave, "ours": words.ours}):
        names = [f"`{name}`" for name, value in said.items() if value]
        if len(names) > 1:
            return f"write only one of {' and '.join(names)}"
    return None
