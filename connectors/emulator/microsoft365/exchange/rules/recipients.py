"""The recipients that a rule names: each has to exist, and is stored by its primary address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.microsoft365.exchange.errors import Refused
from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter
from connectors.emulator.wire import Body, Json

_NAMES = ("PrimarySmtpAddress", "Alias", "DisplayName", "Name", "Guid", "ExternalDirectoryObjectId")


@dataclass(frozen=True, slots=True)
class Recipients:
    """Everyone who can be named in a rule, by every name in lower case."""

    known: Mapping[str, Sequence[Body]]

    def resolved(self, parameter: CmdletParameter, value: Json) -> Json:
        """Replace the names in a parameter's value by primary addresses."""
        if not parameter.kind.startswith("RecipientIdParameter") or value is None:
            return value
        if isinstance(value, str):
            return self._address(parameter, value)
        names = value if isinstance(value, Sequence) else ()
        return list(dict.fromkeys(self._address(parameter, str(name)) for name in names))

    def _address(self, parameter: CmdletParameter, name: str) -> str:
        found = self.known.get(name.lower().removeprefix("smtp:"), ())
        if not found:
            raise Refused(f"The recipient '{name}' of {parameter.name} couldn't be found.")
        if len(found) > 1:
            raise Refused(f"The recipient '{name}' of {parameter.name} matches multiple entries.")
        needs_group = "MemberOf" in parameter.name
        if needs_group and "Group" not in str(found[0].get("RecipientTypeDetails")):
            raise Refused(f"The recipient '{name}' of {parameter.name} isn't a group.")
        return str(found[0]["PrimarySmtpAddress"])


def recipients(rows: Sequence[Body]) -> Recipients:
    """Index recipients by addresses, alias, names and ids."""
    known: dict[str, list[Body]] = {}
    for row in rows:
        addresses = row.get("EmailAddresses")
        listed = addresses if isinstance(addresses, Sequence) and not isinstance(addresses, str) else ()
        mail = [str(address).lower() for address in listed if str(address).lower().startswith("smtp:")]
        names = {str(row.get(name) or "").lower() for name in _NAMES}
        for name in names | {address.removeprefix("smtp:") for address in mail}:
            if name:
                known.setdefault(name, []).append(row)
    return Recipients(known)
