"""An effective setting of an account or a device, with the layers that won and lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.emulator.store import Body, Json

VALUE, ALL, CONFLICT, UNKNOWN = "value", "all", "conflict", "unknown"
"""The first layer decides, or all apply, or none applies because the values differ, or the tenant does not show it."""


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """A setting with its effective value. `device` is "" if the setting belongs to the account."""

    mechanism: str
    key: str
    outcome: str
    value: Json = None
    winners: Sequence[str] = ()
    losers: Sequence[str] = ()
    device: str = ""
    why: str = ""  # of an unknown value

    def to_json(self) -> Body:
        return {
            "mechanism": self.mechanism, "device": self.device, "key": self.key, "outcome": self.outcome,
            "value": self.value, "winners": list(self.winners), "losers": list(self.losers), "why": self.why,
        }  # fmt: skip
