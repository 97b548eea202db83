"""What every control has that people try out from time to time: on which devices and networks, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from toolkit.controls.control import ControlSettings, TextFile
from toolkit.sdk.spec import declare

Named = Annotated[str, Field(min_length=1, max_length=100)]
_BLOCKED, _OPEN = "blocked", "open"
_COMMENT = "#"
_WORDS_OF_A_PROBE = 2


@dataclass(frozen=True, slots=True)
class Probe:
    """One address to open, and whether it has to be blocked."""

    address: str
    blocked: bool


def _checked(text: str, info: ValidationInfo) -> str:
    """Refuse a list of probes that no one could follow; without the file there is nothing to look at."""
    if (info.context or {}).get("read_text") and not probes_of(text):
        raise ValueError(f"the file names no address: write lines such as `{_BLOCKED} https://test.example`")
    return text


def probes_of(text: str) -> Sequence[Probe]:
    """Read a list of probes: `blocked` or `open`, and an address; ValueError names the line that is none."""
    found: list[Probe] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition(_COMMENT)[0].split()
        if not words:
            continue
        if len(words) != _WORDS_OF_A_PROBE or words[0] not in {_BLOCKED, _OPEN} or "://" not in words[1]:
            raise ValueError(
                f"line {number} of the file is not a probe: write `{_BLOCKED}` or `{_OPEN}` and an address such as "
                f"https://test.example, and what is remarked behind a {_COMMENT}"
            )
        found.append(Probe(words[1], words[0] == _BLOCKED))
    return found


class PeriodicTestSettings(ControlSettings):
    """On what something has to be tried out, and how often; what was tried is in a file of attestations."""

    devices: list[Named] = Field(
        min_length=1,
        description="The sorts of device on which it has to be tested, as the school calls them.",
        examples=[["pupil Chromebook", "staff laptop"]],
    )
    networks: list[Named] = Field(
        min_length=1,
        description="The networks on which it has to be tested, as the school calls them.",
        examples=[["classroom Wi-Fi", "guest Wi-Fi"]],
    )
    every_months: int = Field(
        default=12, ge=1, le=12, description="After how many months it has to be tested again, at the latest."
    )
    probes_file: Annotated[TextFile, AfterValidator(_checked)] | None = declare(
        "A file of harmless addresses to open, each with whether it has to be blocked.", "text/filter-probes.txt"
    )

    @model_validator(mode="after")
    def _by_people(self) -> Self:
        if self.require:
            raise ValueError("no service enforces it, people try it out: leave `require` out")
        return self
