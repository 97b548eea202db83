"""Remove the names of people from texts about temporary settings, because such a setting shows who is away."""

import re
from dataclasses import replace

from toolkit.sdk.providers import broken_kind, kinds
from toolkit.sdk.resource import Address, person_code, without_name

_OF_A_USER = re.compile(r"(?<=/users/)[^/\s:]+")
_OF_A_PERSON = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{12,}|[^@\n]*@.*", re.IGNORECASE)
_LETTER = r"[^\s@\[\]()<>,;:'\"]"
_MAIL = re.compile(rf"(?<!{_LETTER}){_LETTER}++@{_LETTER}++")
"""An address starts only after a character that no address contains, so that each character is matched once."""


def is_temporary_setting(address: Address) -> bool:
    """Return whether an object is a person's temporary setting.

    Its existence shows that the person is away. If the kind cannot be loaded, every object whose name may be a person's
    id counts as such a setting.
    """
    if broken_kind(address.provider, address.kind):
        return bool(_OF_A_PERSON.fullmatch(address.name))
    kind = kinds(address.provider).get(address.kind)
    return kind is not None and kind.temporary is not None


def without_names(address: Address | None, text: str, of_kind: str = "") -> str:
    """Return a service's message about a temporary setting or its kind, without the person's id and address."""
    about = address or Address(*of_kind.partition(".")[::2], "")
    if not is_temporary_setting(about):
        return text
    return without_people(text.replace(address.name, "(a person)") if address else text)


def without_people(text: str) -> str:
    """Return a service's message without ids and addresses of people, which services often quote."""
    return _MAIL.sub("(a person)", _OF_A_USER.sub("(a person)", text))


def without_person(address: Address) -> Address:
    """Return an object's address without the person's id, because a temporary setting shows who is away."""
    if not is_temporary_setting(address):
        return address
    label = address.label or without_name(address).label
    return replace(address, name=f"person {person_code(address.name)}", label=label)


def object_name(address: Address) -> str:
    """Return an object's address as text, without naming the person."""
    return without_person(address).display_text
