"""Reads and changes the named policies; many changes go out in few requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.google_workspace.kinds.chrome_policy.names import split_name
from connectors.google_workspace.kinds.chrome_policy.reading import GroupGone, Place, place_of, states
from connectors.google_workspace.kinds.chrome_policy.state import State, Words, stored
from connectors.google_workspace.kinds.chrome_policy.words import has_words, words_of
from connectors.google_workspace.kinds.chrome_policy.writing import write_many
from connectors.google_workspace.people import befalls_everybody
from toolkit.errors import NotFound, ServiceError, Transient
from toolkit.sdk.endpoint import FixedObjects, NamedOnly, Wanted, Write
from toolkit.sdk.resource import Remote, Unreadable

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
    from connectors.google_workspace.kinds.chrome_policy.rows import Schema
    from toolkit.values import Body


class ChromePoliciesByName(FixedObjects):
    """Chrome policies at units and for groups: at each there is always one in force, or none is set."""

    none_created = "{name} is there or its unit is not: toolkit makes none"
    none_deleted = "{name} stays: toolkit takes its own out of it and removes none"

    def read(self, via: GoogleWorkspace, wanted: Wanted) -> Iterator[Remote | Unreadable]:
        """Read the named ones as they are now; raises where none of several could be read for one reason."""
        via.chrome.forget()
        names = sorted(wanted.names) if isinstance(wanted, NamedOnly) else []
        places: dict[str, Place] = {}
        for name in names:
            try:
                places[name] = place_of(via, split_name(name))
            except ValueError as wrong:
                yield Unreadable(name, name, str(wrong))
            except ServiceError as error:
                if befalls_everybody(error) or isinstance(error, Transient):
                    raise
                yield Unreadable(name, name, str(error), gone=isinstance(error, GroupGone))
        found = states(via, places.values())
        _raise_what_all_met([found[place] for place in places.values()])
        for name, place in places.items():
            yield _seen(via, name, place, found[place])

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        (outcome,) = self.write_many(via, [Write(name, body, remote)])
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome

    def write_many(self, via: GoogleWorkspace, writes: Sequence[Write]) -> Sequence[Remote | ServiceError]:
        """Change many policies: one request for each target and namespace."""
        return write_many(via, writes)


def words_at(via: GoogleWorkspace, schema: Schema) -> Mapping[str, Words]:
    """Give a policy's words, as Google's schema has them now; nothing for one that takes none."""
    return words_of(schema, via.chrome.schema(schema.full_name)) if has_words(schema) else {}


def _seen(via: GoogleWorkspace, name: str, place: Place, state: State | ServiceError) -> Remote | Unreadable:
    if isinstance(state, ServiceError):
        return Unreadable(name, name, str(state))
    try:
        return Remote(name, name, stored(state, words_at(via, place.schema)))
    except NotFound:
        return Unreadable(name, name, f"Google has no policy {place.schema.full_name} any more")
    except ServiceError as error:
        return Unreadable(name, name, f"its words could not be read: {error}")


def _raise_what_all_met(found: Sequence[State | ServiceError]) -> None:
    """Raise an error that befell every one of several: then it is no target's own."""
    errors = [one for one in found if isinstance(one, ServiceError)]
    if len(errors) > 1 and len(errors) == len(found):
        raise errors[0]
