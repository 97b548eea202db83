"""The controls and kinds that a playbook can name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolkit.controls.control import Control, controls
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds, providers


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Controls by name, and kinds by provider and name."""

    controls: Mapping[str, Control]
    kinds: Mapping[str, Mapping[str, Kind[Connection]]]

    def kind(self, name: str) -> tuple[str, Kind[Connection]] | None:
        """Find a kind by its whole name, with its provider; only the kinds of that provider are loaded."""
        provider, _, own = name.partition(".")
        kind = self.kinds[provider].get(own) if provider in self.kinds else None
        return (provider, kind) if kind else None

    def kind_names(self) -> Mapping[str, tuple[str, Kind[Connection]]]:
        """Give each kind by its whole name, `microsoft365.transport_rule`, with its provider."""
        return {
            f"{provider}.{name}": (provider, kind)
            for provider, of_provider in self.kinds.items()
            for name, kind in of_provider.items()
        }


class _OfProvider(Mapping[str, Kind[Connection]]):
    """The kinds of one provider, loaded when they are first asked for: a school may have one cloud alone."""

    def __init__(self, provider: str) -> None:
        self._provider = provider

    def __getitem__(self, name: str) -> Kind[Connection]:
        return kinds(self._provider)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(kinds(self._provider))

    def __len__(self) -> int:
        return len(kinds(self._provider))


def found() -> Vocabulary:
    """Give what this installation has: every control, and every kind of every connector."""
    return Vocabulary(controls(), {provider: _OfProvider(provider) for provider in providers()})
