"""How a kind's objects affect mail: rules that prevent later rules, the order of policies, and protected mail."""

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime
from typing import Generic, TypeVar

from toolkit.records import dataclass
from toolkit.sdk.directory import Members
from toolkit.sdk.resource import Remote
from toolkit.values import Settings

C = TypeVar("C")


def _delays_no_mail(_settings: Settings, _addresses: Sequence[str]) -> tuple[()]:
    return ()


def _excepts_no_one(_via: object, _settings: Settings, _addresses: Sequence[str]) -> bool:
    return False


def _no_exception_to_add(_settings: Settings, _addresses: Sequence[str]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Defeat:
    """The way in which a mail rule prevents a later mail rule from working."""

    how: str
    whole: bool = True  # for every message of a class that the later object handles, otherwise only for some


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule that processes mail, in the order in which rules run."""

    settings: Settings
    whole: bool = True  # False if toolkit cannot read its conditions or exceptions
    members: Members = field(default_factory=dict)  # members of the groups in the rules


def _never_defeats(_first: PlacedRule, _later: PlacedRule, _now: datetime | None) -> Defeat | None:
    return None


@dataclass(frozen=True, slots=True)
class Rank:
    """The rank of a policy. Of the policies that apply to a person, the policy with the first rank counts."""

    place: tuple[int, int]  # the lowest place comes first
    audience: str = ""  # "" for everyone
    nobody: str = ""  # why it reaches no one, or ""
    preset: bool = False  # whether it is the vendor's and cannot be changed


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSemantics(Generic[C]):
    """How objects affect mail, for a kind whose objects handle mail."""

    defeats: Callable[[PlacedRule, PlacedRule, datetime | None], Defeat | None] = _never_defeats
    """Returns how an object prevents a later object from working (first, later, now), or None."""

    rank: Callable[[Remote], Rank] | None = None  # for policies of which each person gets only one

    holds_up: Callable[[Settings, Sequence[str]], tuple[str, ...]] = _delays_no_mail
    """Returns the protected addresses whose mail an object could reject, redirect or delay."""

    spares: Callable[[C, Settings, Sequence[str]], bool] = _excepts_no_one
    """Reads from the tenant whether an object applies only to groups without these addresses."""

    spared_by: Callable[[Settings, Sequence[str]], str] = _no_exception_to_add
    """Returns the settings that exclude such addresses, as in a playbook."""

    def refusal(self, settings: Settings, protected_addresses: Sequence[str]) -> str:
        """Return the reason why an object could delay or stop protected mail, with the exception to add, or "" if it
        could not.
        """
        held = self.holds_up(settings, protected_addresses)
        if not held:
            return ""
        spared = self.spared_by(settings, held)
        advice = f". Add the exception {spared}" if spared else ""
        return f"it could reject or delay mail of {', '.join(held)}, which the school file protects{advice}"
