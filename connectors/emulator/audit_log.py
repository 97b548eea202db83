"""The audit log of a tenant. It records each write that changes an object, and the vendors' logs show its records."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.store import Body, Store, Touched

EVENTS = "audit.events"
APPLICATIONS = "audit.applications"  # applications of others that a test used for a change, by client id
BY_HAND = "by hand"  # as an operation: at the control plane
_NAMES = ("Name", "displayName", "name", "email", "primaryEmail", "indicatorValue", "Identity")
_APART = ("audit.", "clock", "latency", "applications", "google.operations")


@dataclass(frozen=True, slots=True)
class Doer:
    """The author of a change: an application, or a person with the application that the person used."""

    name: str
    person: bool
    application_id: str = ""
    application: str = ""  # the name of a person's application, if it is known


@dataclass(frozen=True, slots=True)
class Thing:
    """One object that an operation changed."""

    collection: str
    key: str
    name: str
    new: bool
    gone: bool
    changed: Sequence[str] = ()  # the properties that have another value now


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded operation, with the changed objects, the time and the author."""

    id: str
    at: str
    operation: str
    doer: Doer
    things: Sequence[Thing]


def note(store: Store, tenant: str, doer: Doer, operation: str, touched: Sequence[Touched]) -> None:
    """Record an operation in the audit log, unless the operation changed no object."""
    if changed_objects := list(_changed_objects(tenant, touched)):
        event = Event(str(uuid4()), clock.text(clock.now(store, tenant)), operation, doer, changed_objects)
        store.put(tenant, EVENTS, event.id, asdict(event))


def read_events(store: Store, tenant: str, *collections: str) -> list[Event]:
    """Return the recorded changes, oldest first, to collections whose names begin with one of the given prefixes."""
    every = (_read_event(body) for body in store.all(tenant, EVENTS))
    about = [
        replace(event, things=[t for t in event.things if t.collection.startswith(collections)]) for event in every
    ]
    return [event for event in about if event.things]


def _read_event(body: Body) -> Event:
    doer, changed_objects = body["doer"], body["things"]
    assert isinstance(doer, dict)
    assert isinstance(changed_objects, list)
    kept = [Thing(**changed_object) for changed_object in changed_objects]
    return Event(str(body["id"]), str(body["at"]), str(body["operation"]), Doer(**doer), kept)


def _changed_objects(tenant: str, writes: Sequence[Touched]) -> Iterator[Thing]:
    seen: set[tuple[str, str]] = set()
    for touched_object in writes:
        place = (touched_object.collection, touched_object.key)
        if touched_object.tenant == tenant and place not in seen and not touched_object.collection.startswith(_APART):
            seen.add(place)
            names = [name for key in _NAMES if isinstance(name := touched_object.body.get(key), str)]
            name = next((name for name in names if name), touched_object.key)
            yield Thing(
                touched_object.collection,
                touched_object.key,
                name,
                new=touched_object.new,
                gone=touched_object.gone,
                changed=touched_object.changed,
            )
