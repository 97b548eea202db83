"""The effect of a kind's objects on mail: defeated rules, audiences of policies, and protected mail that they stop."""

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime
from typing import Generic, TypeVar

from toolkit.records import dataclass
from toolkit.sdk.directory import Members
from toolkit.sdk.resource import Remote
from toolkit.values import Settings

C = TypeVar("C")


def _holds_up_nothing(_settings: Settings, _addresses: Sequence[str]) -> tuple[()]:
    return ()


def _spares_nobody(_via: object, _settings: Settings, _addresses: Sequence[str]) -> bool:
    return False


def _no_exception(_settings: Settings, _addresses: Sequence[str]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Defeat:
    """How an object prevents a later object from working."""

    how: str
    whole: bool = True  # for every message of a class that the later object handles, else for some of them


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule that mail passes through, in the order in which rules run."""

    settings: Settings
    whole: bool = True  # False: toolkit cannot read its conditions or exceptions
    members: Members = field(default_factory=dict)  # of the groups that rules name


def _never_defeats(_first: PlacedRule, _later: PlacedRule, _now: datetime | None) -> Defeat | None:
    return None


@dataclass(frozen=True, slots=True)
class Rank:
    """The order of a policy: a person gets the first policy that reaches the person."""

    place: tuple[int, int]  # the lowest is the first
    audience: str = ""  # "": everybody
    nobody: str = ""  # why it reaches no one
    preset: bool = False  # the vendor sets it, and takes no change of it


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSemantics(Generic[C]):
    """The effect of objects on mail, for kinds whose objects handle mail."""

    defeats: Callable[[PlacedRule, PlacedRule, datetime | None], Defeat | None] = _never_defeats
    """Return how an object prevents a later object from working (first, later, now)."""

    rank: Callable[[Remote], Rank] | None = None  # of policies of which each person gets one

    holds_up: Callable[[Settings, Sequence[str]], tuple[str, ...]] = _holds_up_nothing
    """Return the protected addresses whose mail an object could reject, redirect or delay."""

    spares: Callable[[C, Settings, Sequence[str]], bool] = _spares_nobody
    """Ask the tenant whether an object is only for groups without these addresses."""

    spared_by: Callable[[Settings, Sequence[str]], str] = _no_exception
    """Return the settings that exclude such addresses, as a playbook writes them."""

    def refusal(self, settings: Settings, protected: Sequence[str]) -> str:
        """Return why an object is not written, with the exception to add, or "" if it does not stop protected mail."""
        held = self.holds_up(settings, protected)
        if not held:
            return ""
        spared = self.spared_by(settings, held)
        advice = f"; it is written with {spared}" if spared else ""
        return f"it could reject or hold up the mail of {', '.join(held)}, which the school file protects{advice}"
