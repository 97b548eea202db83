"""What the reading of one playbook file rests on, and where its problems go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.catalogue.catalogue import Catalogue
from toolkit.catalogue.guard import NeededHost, needed, own, shared
from toolkit.controls.control import ControlSettings
from toolkit.errors import Problem
from toolkit.playbook.decisions import Decisions
from toolkit.playbook.playbook_schema import ResourceWords
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.sdk.resource import Mode
from toolkit.sdk.school import School
from toolkit.yaml.node import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One playbook file while it is read; `school` is None where the school file is wrong."""

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
    clauses: tuple[str, ...] = ()  # of the file
    open_choices: dict[str, None] = field(default_factory=dict)  # what entries go on without

    def needs(self) -> tuple[NeededHost, ...]:
        """Give the hosts that must stay open: what the clouds need, what apps share with them, the school's own."""
        school = own(self.school.domains, self.school.website) if self.school else ()
        return (*needed(), *shared(self.apps), *school)

    def complain(self, line: int, message: str) -> None:
        self.problems.append(self.source.problem(line, message))


def contradiction(words: ControlSettings | ResourceWords) -> str | None:
    """Say what cannot be done at the same time about one look-alike, or about one contested object."""
    alike = {"adopt": words.adopt, "beside": words.beside, "leave": words.leave}
    for said in (alike, {"leave": words.leave, "ours": words.ours}):
        names = [f"`{name}`" for name, value in said.items() if value]
        if len(names) > 1:
            return f"say only one of {' and '.join(names)}"
    return None
