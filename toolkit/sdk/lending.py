"""What is lent to people: how an automatic reply is put back, and its address without whose it is."""

import re
from dataclasses import replace

from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Address, person_code, unnamed
from toolkit.values import Settings

_STATUS, _OFF = "status", "off"
_TIMES = frozenset({"begins", "ends"})
SCHEDULE = _TIMES | {_STATUS, "audience"}
"""The settings of such an object that hold no words of a person."""


def reply_put_back(_name: str, before: Settings, back: Settings) -> Settings:
    """Turn a reply off with all that was in it but its times, or on with everything that it needs for that."""
    if _STATUS not in back:
        return back
    if before.get(_STATUS) == _OFF:
        return {name: value for name, value in back.items() if name not in _TIMES}
    return {name: value for name, value in before.items() if name not in _TIMES or value is not None}


_OF_A_USER = re.compile(r"(?<=/users/)[^/\s:]+")
_LETTER = r"[^\s@\[\]()<>,;:'\"]"
_MAIL = re.compile(rf"(?<!{_LETTER}){_LETTER}++@{_LETTER}++")
"""An address begins where no letter is before it, so that each letter is looked at once."""


def is_lent(address: Address) -> bool:
    """Return whether an object shows by being there that a person is away."""
    kind = kinds(address.provider).get(address.kind)
    return kind is not None and kind.lent


def without_names(address: Address | None, text: str, of_kind: str = "") -> str:
    """Return what a service says of such an object, or of its whole kind, without a person's id and address."""
    about = address or Address(*of_kind.partition(".")[::2], "")
    if not is_lent(about):
        return text
    return without_people(text.replace(address.name, "(a person)") if address else text)


def without_people(text: str) -> str:
    """Return a service's words about a person who may be away, without the id and address that they often quote."""
    return _MAIL.sub("(a person)", _OF_A_USER.sub("(a person)", text))


def without_person(address: Address) -> Address:
    """Return an address as anybody may read it: an automatic reply would show by a person's id who is away."""
    if not is_lent(address):
        return address
    label = address.label or unnamed(address).label
    return replace(address, name=f"person {person_code(address.name)}", label=label)


def object_name(address: Address) -> str:
    """Return the same in the words of a text."""
    return without_person(address).told
