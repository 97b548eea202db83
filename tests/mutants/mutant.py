"""A fault put into the product on purpose, and the tests that must notice it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

REPOSITORY = Path(__file__).parents[2]
_TABLE = Path(__file__).with_name("mutants.yaml")


@dataclass(frozen=True)
class Mutant:
    """One fault: in `file` the text `before`, which occurs once, becomes `after`."""

    fault: str
    file: str
    before: str
    after: str
    tests: Sequence[str]

    def mutate(self, source: str) -> str:
        """Return the source with the fault in it; ValueError where `before` does not occur exactly once."""
        if source.count(self.before) != 1:
            raise ValueError(f"{self.file} has {source.count(self.before)} places with {self.before!r}, not one")
        return source.replace(self.before, self.after)


def mutants() -> Sequence[Mutant]:
    """Return every mutant of the table."""
    return [Mutant(**row) for row in YAML(typ="safe").load(_TABLE)]
