"""For whom policies are, compared: whether two of them can reach one device or person."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from connectors.microsoft365.intune.assignments import ALL_DEVICES, ALL_USERS, shown_targets
from toolkit.errors import Conflict, NotFound
from toolkit.sdk.shapes import texts
from toolkit.values import Body

_EVERYBODY = frozenset({ALL_DEVICES, ALL_USERS})


@dataclass(frozen=True, slots=True)
class Audience:
    """Ids of groups, `all devices` or `all users`, and the ids of the groups that are left out."""

    included: frozenset[str]
    excluded: frozenset[str]

    @classmethod
    def of_targets(cls, targets: Sequence[Body]) -> Self:
        """Read targets; assignment filters narrow them by what a device is, which nobody can judge from here."""
        shown = shown_targets(targets, str.lower)
        return cls(*(frozenset(texts(shown[name])) for name in ("assigned_to", "excluded")))

    def common(self, other: "Audience") -> frozenset[str]:
        """Give those through whom both reach somebody; what is inside a group is not looked into."""
        return frozenset(
            mine if theirs in _EVERYBODY else theirs
            for mine in self.included - other.excluded
            for theirs in other.included - self.excluded
            if mine == theirs or mine in _EVERYBODY or theirs in _EVERYBODY
        )


def known(words: Iterable[str], id_of: Callable[[str], str]) -> frozenset[str]:
    """Give what some words of a playbook stand for; groups that are not there are told of elsewhere."""
    return frozenset(found for word in words if (found := _id(word, id_of)))


def _id(word: str, id_of: Callable[[str], str]) -> str:
    if word in _EVERYBODY:
        return word
    try:
        return id_of(word)
    except (NotFound, Conflict):
        return ""
