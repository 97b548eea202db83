"""Read a provider's credentials from environment variables, and open connections with them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar

from toolkit.errors import UsageError
from toolkit.records import dataclass
from toolkit.school.school import Tenant
from toolkit.sdk.connector import Connection, Identity, Target
from toolkit.sdk.permission import Permission, Permissions, SetupStep, Use

C_co = TypeVar("C_co", bound=Connection, covariant=True)


_PLACEHOLDER = re.compile("<.*>")

SEPARATE_IDENTITIES: Mapping[str, str] = {
    "device": "locks lost devices, and its permission may also wipe them",
    "hold": "places and releases legal holds",
    "sharing": "changes the forwarding of other people's mail",
}
"""The identities that may be separate from the identity that writes, and the acts of each. Scheduled jobs need none."""


def separate_variables(variables: Mapping[str, str], name: str) -> Sequence[str]:
    """Return the names of the variables that are set for a separate identity, such as TOOLKIT_DEVICE_GOOGLE_AUTH."""
    prefix = f"TOOLKIT_{name.upper()}_"
    return sorted(variable for variable, value in variables.items() if value and variable.startswith(prefix))


def use_separate_identity(variables: Mapping[str, str], name: str) -> Mapping[str, str]:
    """Return the variables with the credentials of a separate identity in place of the identity that writes.

    For each cloud for which the separate identity has no variables, the identity that writes is used.
    """
    separate = separate_variables(variables, name)
    replaced = tuple({f"TOOLKIT_WRITE_{variable.split('_')[2]}_" for variable in separate})
    kept = {variable: value for variable, value in variables.items() if not variable.startswith(replaced)}
    renamed = {variable.replace(f"_{name.upper()}_", "_WRITE_", 1): variables[variable] for variable in separate}
    return {**kept, **renamed}


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """The complete credentials of an identity: the way to sign in, and the values of its variables by the last part of
    their names.
    """

    way: str
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ValueForm:
    """The required form of an environment variable's value: a regular expression, and a description for an
    administrator.
    """

    pattern: str
    description: str


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to sign in to a provider. TOOLKIT_<name>_AUTH selects a way, and each way needs its own variables.

    TOOLKIT_READ_<name>_* and TOOLKIT_WRITE_<name>_* belong to an identity, and are never used for the other identity.
    """

    title: str
    name: str
    variables_by_way: Mapping[str, Sequence[str]]  # the last parts of the names of each way's variables
    likely: Mapping[str, str]  # the way to sign in that a variable suggests, by the last part of its name
    default_way: str
    forms: Mapping[str, ValueForm] = field(default_factory=dict)  # by the last part of a variable's name
    files: frozenset[str] = frozenset()  # the last parts of the names of variables that contain a path

    def find_mistakes(self, variables: Mapping[str, str], identity: Identity) -> Sequence[str]:
        """Return a sentence for each environment variable of an identity that has an invalid value.

        No request is sent.
        """
        prefix = self._prefix_in_use(variables, identity)
        parts = self.variables_by_way[self._selected_way(variables, prefix) or self.default_way]
        values = [(part, variables[prefix + part]) for part in parts if variables.get(prefix + part)]
        mistakes = ((prefix + part, self._value_error(part, value)) for part, value in values)
        return [f"{name} {mistake}" for name, mistake in mistakes if mistake]

    def _value_error(self, part: str, value: str) -> str:
        if _PLACEHOLDER.fullmatch(value):
            return f"is still {value}. Replace it with the value"
        if part in self.files:
            return _path_error(value)
        form = self.forms.get(part)
        return f"is {value!r}, but must be {form.description}" if form and not re.fullmatch(form.pattern, value) else ""

    def missing_variables(self, variables: Mapping[str, str], identity: Identity) -> Sequence[str]:
        """Return the environment variables that an identity still needs.

        Raise UsageError if its way to sign in is unknown.
        """
        prefix = self._prefix_in_use(variables, identity)
        way = self._selected_way(variables, prefix)
        likely_way = next((way for part, way in self.likely.items() if variables.get(prefix + part)), self.default_way)
        unset = [part for part in self.variables_by_way[way or likely_way] if not variables.get(prefix + part)]
        named = prefix if self._is_shared(variables, identity) else self._prefix_of_identity(identity)
        return [named + part for part in (*([] if way else ["AUTH"]), *unset)]

    def _is_shared(self, variables: Mapping[str, str], identity: Identity) -> bool:
        """Return whether an identity uses the shared variables, which have neither READ nor WRITE in their names.

        If no variables are set, each identity uses its own variables, as in its setup steps.
        """
        parts = {part for needed in self.variables_by_way.values() for part in needed}
        if self._prefix_in_use(variables, identity) != self._shared_prefix:
            return False
        separate = any(self._prefix_in_use(variables, other) != self._shared_prefix for other in Identity)
        return any(variables.get(self._shared_prefix + part) for part in (*parts, *([] if separate else ["AUTH"])))

    def set_variables(self, variables: Mapping[str, str]) -> Sequence[str]:
        """Return the names of the provider's environment variables that are set."""
        prefixes = (self._shared_prefix, *(self._prefix_of_identity(identity) for identity in Identity))
        return sorted(name for name, value in variables.items() if value and name.startswith(prefixes))

    def has_credentials(self, variables: Mapping[str, str], identity: Identity) -> bool:
        """Return whether any credential of an identity is set.

        TOOLKIT_<name>_AUTH is not a credential if the way to sign in needs other variables.
        """
        own = self._prefix_in_use(variables, identity) != self._shared_prefix
        return own or self._is_shared(variables, identity) or not self.missing_variables(variables, identity)

    def credential_set(self, variables: Mapping[str, str], identity: Identity) -> CredentialSet:
        """Return the credentials of an identity. Raise UsageError if any of them is missing."""
        if lacking := self.missing_variables(variables, identity):
            raise UsageError(
                f"cannot sign in to {self.title}: {', '.join(lacking)} not set ({self._shared_prefix}AUTH is one of "
                f"{', '.join(self.variables_by_way)})"
            )
        prefix = self._prefix_in_use(variables, identity)
        parts = {name.removeprefix(prefix): value for name, value in variables.items() if name.startswith(prefix)}
        return CredentialSet(self._selected_way(variables, prefix) or self.default_way, parts)

    @property
    def _shared_prefix(self) -> str:
        return f"TOOLKIT_{self.name}_"

    def _prefix_of_identity(self, identity: Identity) -> str:
        return f"TOOLKIT_{identity.value.upper()}_{self.name}_"

    def _prefix_in_use(self, variables: Mapping[str, str], identity: Identity) -> str:
        own = self._prefix_of_identity(identity)
        return own if any(value and name.startswith(own) for name, value in variables.items()) else self._shared_prefix

    def _selected_way(self, variables: Mapping[str, str], prefix: str) -> str | None:
        way = variables.get(f"{prefix}AUTH") or variables.get(f"{self._shared_prefix}AUTH")
        if way and way not in self.variables_by_way:
            raise UsageError(f"{prefix}AUTH is {way!r}. It must be one of {', '.join(self.variables_by_way)}")
        return way or None


def _path_error(value: str) -> str:
    if "{" in value or "-----" in value:  # the value is a key, which must not be shown
        return "contains a key. Write the key into a file, and set the variable to its path"
    try:
        return "" if Path(value).expanduser().is_file() else f"is {value}, but this file does not exist"
    except (OSError, RuntimeError, ValueError) as error:
        return f"cannot be read as a path: {getattr(error, 'strerror', None) or error}"


@dataclass(frozen=True, slots=True)
class PersonWay:
    """The sign-in of a person to a cloud, instead of an app: the notice that the person must read first, and the
    required variable.
    """

    notice: tuple[str, ...]
    variable: str = ""  # "" if no variable is required
    without: str = ""  # why no one can sign in if the variable is not set

    def lacks(self, variables: Mapping[str, str], *, live: bool) -> str:
        """Return the reason why a person cannot sign in, or "" if a person can sign in.

        On the emulator, this is always possible.
        """
        return self.without if live and self.variable and not variables.get(self.variable) else ""


@dataclass(frozen=True, slots=True)
class Provider(Generic[C_co]):
    """A cloud with tenants. Defined as PROVIDER in connectors/<name>.

    Only its module `connection` imports the vendor's libraries. `setup` is the module with the steps by which an
    administrator grants permissions.
    """

    name: str
    ways: Ways
    setup: str
    person: PersonWay

    @property
    def title(self) -> str:
        return self.ways.title

    def uses(self) -> Mapping[Use, Permissions]:
        """Return the permissions that each use of a tenant needs, without the permissions of kinds and checks."""
        permissions: Mapping[Use, Permissions] = self._import_module("connection").PERMISSIONS
        return permissions

    def list_setup_steps(self, needed: Sequence[Permission], identity: Identity) -> Sequence[SetupStep]:
        """Return the steps by which an administrator grants some permissions to an identity."""
        return tuple(self._import_module(self.setup).steps(needed, identity))

    def connect(self, target: Target, tenant: Tenant, *, identity: Identity, read_only: bool) -> C_co:
        """Return an open connection. No request is sent yet, not even to sign in.

        With `read_only` the connection refuses every operation that is not known to be a read.
        """
        connection: C_co = self._import_module("connection").connect(
            target, tenant, identity=identity, read_only=read_only
        )
        return connection

    def account(self, target: Target, tenant: Tenant, *, identity: Identity) -> str:
        """Return the application or service account with which an identity signs in, or "" if it is unknown."""
        name: str = self._import_module("connection").account(target, tenant, identity=identity)
        return name

    def _import_module(self, name: str) -> Any:
        return import_module(f"connectors.{self.name}.{name}")
