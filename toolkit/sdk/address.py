"""The name by which playbooks, plans and the ledger know an object."""

import re
from dataclasses import dataclass, field, replace
from hashlib import sha256

EVERY = "*"
"""As a name: each object of the kind that the tenant has and no other entry names."""

_WRITTEN = re.compile(r"(?P<provider>[a-z0-9_]+)\.(?P<kind>[a-z0-9_]+)\[(?P<name>.+)\]", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An object's place: `microsoft365.transport_rule[School disclaimer]`.

    What belongs to a person is named by the person's immutable id; the label is what people read instead.
    """

    provider: str
    kind: str
    name: str
    label: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.provider}.{self.kind}[{self.name}]"

    @property
    def shown(self) -> str:
        """Give the name for people."""
        return self.label or self.name

    @property
    def told(self) -> str:
        """Give the whole address for people: `google_workspace.signature[jo.bloggs@example-primary.example]`."""
        return f"{self.of_kind}[{self.shown}]"

    @property
    def of_kind(self) -> str:
        """Name the kind with its provider: `microsoft365.transport_rule`."""
        return f"{self.provider}.{self.kind}"


def person_code(identifier: str) -> str:
    """Return what tells one person from another in an output that shows no id."""
    return sha256(identifier.encode()).hexdigest()[:8]


def unnamed(address: Address) -> Address:
    """Show an object that is a person's where no one is to be named, or it is not known any more who it is."""
    return replace(address, label=f"a person's ({person_code(address.name)})")


def parse_address(text: str) -> Address:
    """Read an address as it is written; ValueError where it is none."""
    match = _WRITTEN.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not an address; one looks like microsoft365.transport_rule[School disclaimer]")
    return Address(**match.groupdict())
