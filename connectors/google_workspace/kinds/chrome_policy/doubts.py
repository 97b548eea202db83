"""What only Google can tell of a wanted policy: the words that its schema has, and how long its lists would get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.google_workspace.kinds.chrome_policy.endpoint import words_at
from connectors.google_workspace.kinds.chrome_policy.lists import MOST
from connectors.google_workspace.kinds.chrome_policy.names import split_name
from connectors.google_workspace.kinds.chrome_policy.reading import Place, place_of, states
from connectors.google_workspace.kinds.chrome_policy.rows import ChromeFieldType
from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy
from connectors.google_workspace.kinds.chrome_policy.state import State
from connectors.google_workspace.kinds.chrome_policy.words import lacking
from toolkit.sdk.kind import Doubt
from toolkit.values import effective, entries

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
    from toolkit.sdk.resource import Desired

_INSTALL, _BLOCKED, _WEB = "app_install_type", "BLOCKED", "web:"


def doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Look at what was read already, and at each schema once."""
    places = {one.address.name: place_of(via, split_name(one.address.name)) for one in desired}
    now = states(via, places.values())
    for one in desired:
        place = places[one.address.name]
        yield from _of_words(via, one, place)
        yield from _of_web_apps(one, place)
        if isinstance(state := now[place], State):
            yield from _of_lists(one, place, state)


def _of_words(via: GoogleWorkspace, desired: Desired, place: Place) -> Iterator[Doubt]:
    words = words_at(via, place.schema)
    for name, value in desired.settings.items():
        field = place.schema.field(name)
        if field and field.wire_name in words and isinstance(value, str):
            wrong = lacking(place.schema, name, value, words[field.wire_name])
            yield from [Doubt(desired.address.name, name, wrong)] if wrong else []


def _of_web_apps(desired: Desired, place: Place) -> Iterator[Doubt]:
    if place.app.startswith(_WEB) and desired.settings.get(_INSTALL) == _BLOCKED:
        reason = "Google blocks no web app: block its address with users.UrlBlocking"
        yield Doubt(desired.address.name, _INSTALL, reason)


def _of_lists(desired: Desired, place: Place, state: State) -> Iterator[Doubt]:
    table = ChromePolicy.table()
    for field in place.schema.fields:
        if field.takes not in (ChromeFieldType.BLOCKED, ChromeFieldType.ALLOWED) or field.name not in desired.settings:
            continue
        there = table[field.name].form.read(state.value.get(field.wire_name))
        count = len(entries(effective(desired.settings[field.name], there)))
        if count > MOST:
            reason = f"with the {len(entries(there)):,} that are there it has {count:,} entries; Chrome takes {MOST:,}"
            yield Doubt(desired.address.name, field.name, reason)
