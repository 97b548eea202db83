"""The controls and kinds that a playbook can name."""

from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.controls.control import Control, controls
from toolkit.tenant.connector import Connection
from toolkit.tenant.kind import Kind
from toolkit.tenant.providers import kinds, providers


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Controls by name, and kinds by provider and name."""

    controls: Mapping[str, Control]
    kinds: Mapping[str, Mapping[str, Kind[Connection]]]

    def kind_names(self) -> Mapping[str, tuple[str, Kind[Connection]]]:
        """Give each kind by its whole name, `microsoft365.transport_rule`, with its provider."""
        return {
            f"{provider}.{name}": (provider, kind)
            for provider, of_provider in self.kinds.items()
            for name, kind in of_provider.items()
        }


def found() -> Vocabulary:
    """Give what this installation has: every control, and every kind of every connector."""
    return Vocabulary(controls(), {provider: kinds(provider) for provider in providers()})
