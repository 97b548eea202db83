"""Chooses the most restrictive of the values that several compliance policies give a setting."""

from collections.abc import Sequence

from connectors.emulator.store import Json

# Endings of the settings for which a smaller number is more restrictive.
_LEAST = ("MinutesOfInactivityBeforeLock", "ExpirationDays", "SignInFailureCountBeforeFactoryReset", "MaximumVersion",
          "MaximumBuildVersion", "MinutesOfInactivityBeforeScreenTimeout")  # fmt: skip
_GREATEST = ("MinimumLength", "MinimumCharacterSetCount", "PreviousPasswordBlockCount", "MinimumVersion",
             "MinimumBuildVersion", "MinimumLetterCharacters", "MinimumNumericCharacters")  # fmt: skip


def choose_most_restrictive(name: str, values: Sequence[Json]) -> Json:
    """Return the most restrictive value of a setting. None if no rule says which value that is."""
    first = values[0]
    if all(value == first for value in values):
        return first
    if name.endswith(_LEAST):
        return min(values, key=_as_number)
    if name.endswith(_GREATEST):
        return max(values, key=_as_number)
    return None


def _as_number(value: Json) -> tuple[int, ...]:
    """Return a number or a version such as 10.0.19045 in a form that can be compared."""
    return tuple(int(part) for part in str(value).split(".") if part.isdigit())
