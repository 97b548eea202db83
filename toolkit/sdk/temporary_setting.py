"""Personal settings that toolkit sets until a date and then restores, for example an automatic reply."""

from collections.abc import Mapping

from toolkit.records import dataclass
from toolkit.values import Json, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporarySetting:
    """The names of a kind's settings that turn an object on until a date. Its other settings are texts that people
    write.

    The object is restored when no control requires it any more, unless its owner has changed it.
    """

    switch: str  # the setting that turns it on
    off: str  # the switch's value while the object is off
    until_date: str  # the switch's value while it is on until `ends`
    lasting: str  # the switch's value while it is on until a person turns it off
    begins: str
    ends: str
    impersonal: frozenset[str] = frozenset()  # further settings without texts by a person

    @property
    def schedule(self) -> frozenset[str]:
        """Return the names of the settings that contain no text by a person."""
        return self.times | {self.switch} | self.impersonal

    @property
    def times(self) -> frozenset[str]:
        """Return the names of the settings that contain a time."""
        return frozenset({self.begins, self.ends})

    @property
    def off_settings(self) -> Mapping[str, str]:
        """Return the settings, with their values, that turn the object off."""
        return {self.switch: self.off}

    def is_off(self, settings: Mapping[str, object]) -> bool:
        """Return whether these settings turn the object off."""
        return settings.get(self.switch) == self.off

    def is_timed(self, settings: Mapping[str, object]) -> bool:
        """Return whether these settings turn the object on until a date."""
        return settings.get(self.switch) == self.until_date

    def is_lasting(self, settings: Mapping[str, object]) -> bool:
        """Return whether these settings turn the object on until a person turns it off."""
        return settings.get(self.switch) == self.lasting

    def withdraw(self, _written: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return the settings that undo a control in the object. This is the kind's `Lifecycle.withdrawn`."""
        return {**self.off_settings}

    def restore(self, _name: str, before: Settings, back: Settings) -> Settings:
        """Return the settings that restore an object.

        This is the kind's `Lifecycle.restores`. If the object was off, it is turned off and its settings except the
        times are restored. If it was on, all settings are restored.
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
