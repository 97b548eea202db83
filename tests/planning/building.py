"""Short constructors of desired and observed objects, for tests of pure functions."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from toolkit.planning.contribution import Contribution
from toolkit.sdk.form import HTML, NUMBER, TEXT, WORDS
from toolkit.sdk.resource import Address, Desired, Handling, Mode, Observed, Origin, Reach, Remote
from toolkit.sdk.spec import Join, Listed, Setting, Spec
from toolkit.values import Json, Settings


class Thing(Spec):
    """A kind with one setting for every way to join and to compare."""

    words: Annotated[Listed | None, Setting(WORDS, join=Join.UNION)] = Field(default=None)
    entries: Annotated[Listed | None, Setting(WORDS, at_least=True, join=Join.UNION)] = Field(default=None)
    most: Annotated[int | None, Setting(NUMBER, join=Join.LOWEST)] = Field(default=None)
    least: Annotated[int | None, Setting(NUMBER, join=Join.HIGHEST)] = Field(default=None)
    text: Annotated[str | None, Setting(TEXT)] = Field(default=None)
    html: Annotated[str | None, Setting(HTML)] = Field(default=None)
    exception: Annotated[str | None, Setting(TEXT, silence=None)] = Field(default=None)


def address(name: str) -> Address:
    return Address("cloud", "thing", name)


def origin(line: int) -> Origin:
    return Origin("things.yaml", line)


def desired(
    name: str,
    settings: Settings | None = None,
    *,
    mode: Mode = Mode.ENFORCE,
    handling: Handling | None = None,
    renamed_from: str | None = None,
    reach: Reach | None = None,
) -> Desired:
    """Return a desired object, whose settings are at line 7."""
    return Desired(
        address(name),
        settings or {},
        dict.fromkeys(settings or {}, origin(7)),
        origin(6),
        mode=mode,
        handling=handling or Handling(),
        renamed_from=renamed_from,
        reach=reach,
    )


def observed(name: str, settings: Settings | None = None, identifier: str = "") -> Observed:
    """Return an observed object. Its id is its name in brackets by default."""
    return Observed(address(name), settings or {}, Remote(identifier or f"<{name}>", name, {}))


def contribution(line: int, written: Mapping[str, Json], made_by: str = "mail.tag") -> Contribution:
    """Return a control's contribution to one object, at a line."""
    return Contribution(
        address=address("Thing"),
        settings=written,
        origins=dict.fromkeys(written, origin(line)),
        origin=origin(line),
        mode=Mode.ENFORCE,
        made_by=made_by,
    )
