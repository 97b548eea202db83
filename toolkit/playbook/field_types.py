"""What people write in every kind of file: a line of text, a day, a time of day."""

import re
from datetime import date, time
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PrivateAttr

from toolkit.sdk.resource import Origin

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def one_line(text: str) -> str:
    """Give a line of text back; ValueError where it is none."""
    if not text.strip() or text != text.strip() or "\n" in text:
        raise ValueError("must be one line of text, without spaces around it")
    return text


def _day(written: object) -> object:
    """Read a day as people write it; what does not look like one is left to the type's own complaint."""
    if not (isinstance(written, str) and _DAY.fullmatch(written)):
        return written
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"the calendar has no {written}") from error


def _clock(written: object) -> object:
    return time.fromisoformat(written) if isinstance(written, str) and _CLOCK.fullmatch(written) else written


def in_order(later: date, earlier: date | None, word: str) -> date:
    """Give the later of two days; ValueError where it comes before the one that was written under a word."""
    if earlier is not None and later < earlier:
        raise ValueError(f"{later} comes before {earlier}, the day in `{word}`")
    return later


Line = Annotated[str, AfterValidator(one_line)]
Day = Annotated[date, BeforeValidator(_day)]
Clock = Annotated[time, BeforeValidator(_clock)]


class FileEntry(BaseModel):
    """One entry of a file, with its place there."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    _origin: Origin = PrivateAttr()

    @property
    def origin(self) -> Origin:
        return self._origin

    def place(self, origin: Origin) -> Self:
        """Record where the entry is written."""
        self._origin = origin
        return self
