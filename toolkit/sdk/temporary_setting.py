"""Settings of a person's object that toolkit sets until a date and then puts back, such as an automatic reply."""

from collections.abc import Mapping

from toolkit.records import dataclass
from toolkit.values import Json, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporarySetting:
    """The settings that turn an object on until a date. All its other settings are words of a person.

    It is put back once no control asks for it, unless its owner has changed it since.
    """

    switch: str  # the setting that turns it on
    off: str  # its value while the object does nothing
    until_date: str  # its value while it is on until `ends`
    lasting: str  # its value while it is on until a person turns it off
    begins: str
    ends: str
    impersonal: frozenset[str] = frozenset()  # further settings that hold no words of a person

    @property
    def schedule(self) -> frozenset[str]:
        """Return the settings that contain no text by a person."""
        return self.times | {self.switch} | self.impersonal

    @property
    def times(self) -> frozenset[str]:
        """Return the settings that hold an instant."""
        return frozenset({self.begins, self.ends})

    @property
    def turned_off(self) -> Mapping[str, str]:
        """Return the settings that turn the object off."""
        return {self.switch: self.off}

    def is_off(self, settings: Mapping[str, object]) -> bool:
        """Return whether settings turn the object off."""
        return settings.get(self.switch) == self.off

    def is_timed(self, settings: Mapping[str, object]) -> bool:
        """Return whether settings turn the object on until a date."""
        return settings.get(self.switch) == self.until_date

    def is_lasting(self, settings: Mapping[str, object]) -> bool:
        """Return whether settings turn the object on until a person turns it off."""
        return settings.get(self.switch) == self.lasting

    def withdraw(self, _written: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return the settings that put the object back (`Lifecycle.withdrawn`)."""
        return {**self.turned_off}

    def restore(self, _name: str, before: Settings, back: Settings) -> Settings:
        """Return the settings that restore an object (`Lifecycle.restores`).

        If the object was off, it is turned off, with its other settings except its times. If it was on, all its
        settings are restored.
        """
        if self.switch not in back:
            return back
        if self.is_off(before):
            return {name: value for name, value in back.items() if name not in self.times}
        return {name: value for name, value in before.items() if name not in self.times or value is not None}


AUTOMATIC_REPLY = TemporarySetting(
    switch="status",
    off="off",
    until_date="scheduled",
    lasting="always",
    begins="begins",
    ends="ends",
    impersonal=frozenset({"audience"}),
)
