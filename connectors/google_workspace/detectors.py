"""The tenant's detectors, and the references to detectors in the conditions of DLP rules.

Google's conditions refer to a detector by its id, and conditions in a playbook by its name.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from connectors.google_workspace.policies import type_of, value_of
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.records import dataclass
from toolkit.sdk import mapping, text
from toolkit.values import Body

TYPES = "detector[.](word_list|regular_expression)"
WORD_LIST = "detector.word_list"
EXPRESSION = "detector.regular_expression"
RULES = "rule[.]dlp"

_FUNCTIONS = {"matches_word_list": WORD_LIST, "matches_regex_detector": EXPRESSION}
_REFERENCE = re.compile(
    rf"\b(?P<function>{'|'.join(_FUNCTIONS)})\(\s*(?P<quote>['\"])(?P<name>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a detector in a condition: the type of the detector, and its name or id."""

    type: str
    name: str

    @property
    def is_id(self) -> bool:
        return self.name.startswith("policies/")


class Detectors:
    """The tenant's detectors, as they were when this object was created."""

    def __init__(self, via: GoogleWorkspace) -> None:
        policies = via.policies.with_written(TYPES)
        self._known = {
            text(policy.get("name")): Reference(type_of(policy), text(value_of(policy).get("displayName")))
            for policy in policies
        }

    def ids(self, reference: Reference) -> list[str]:
        """Return the ids of the detectors that a reference names. Several detectors may have the same name."""
        return [identifier for identifier, detector in self._known.items() if detector == reference]

    def name(self, identifier: str) -> str:
        """Return the name of the detector with an id, or "" if another detector has the same name."""
        detector = self._known.get(identifier)
        return detector.name if detector and not detector.is_id and len(self.ids(detector)) == 1 else ""

    def names_in(self, condition: str) -> Mapping[str, str]:
        """Return the names of the detectors that a condition refers to by id."""
        names = {reference.name: self.name(reference.name) for reference in references(condition) if reference.is_id}
        return {identifier: name for identifier, name in names.items() if name}


def condition_of(policy: Body) -> str:
    return text(mapping(value_of(policy).get("condition")).get("contentCondition"))


def references(condition: str) -> Iterator[Reference]:
    """Return all references to detectors in a condition."""
    return map(_to_reference, _REFERENCE.finditer(condition))


def replace_references(condition: str, new: Callable[[Reference], str]) -> str:
    """Return a condition with another name or id in each reference to a detector, which `new` returns."""

    def replace_reference(match: re.Match[str]) -> str:
        name = new(_to_reference(match)).replace("\\", "\\\\").replace("'", "\\'")
        return f"{match['function']}('{name}'"

    return _REFERENCE.sub(replace_reference, condition)


def _to_reference(match: re.Match[str]) -> Reference:
    return Reference(_FUNCTIONS[match["function"]], re.sub(r"\\(.)", r"\1", match["name"]))
