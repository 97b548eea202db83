"""Changes policies: read again just before, set for each target and namespace in one request, or given back to above.

A list at a unit takes the place of what the unit would inherit, so what is sent is the whole list that is wanted.
"""

from collections.abc import Mapping, Sequence

from connectors.google_workspace.chrome_policy import GROUPS
from connectors.google_workspace.kinds.chrome_policy.reading import Place, place_of, settings_of_app, states
from connectors.google_workspace.kinds.chrome_policy.state import (
    State,
    acknowledgements,
    is_from_above,
    same_field,
    value_of,
    with_constants,
    words_of,
)
from connectors.google_workspace.kinds.chrome_policy.table import INHERITED, split_name
from connectors.google_workspace.people import befalls_everybody
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, Refused, Rejected, RequestFailed
from toolkit.records import dataclass
from toolkit.sdk import Remote, Write
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class _Sending:
    """One policy to be sent: its part of a batch."""

    place: Place
    part: Body
    back: bool  # it is given back to what is above

    @property
    def batch(self) -> tuple[str, str, bool]:
        """Say which policies go with it: Google takes one namespace at a time."""
        return self.place.target, self.place.schema.namespace, self.back


def write_many(via: GoogleWorkspace, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
    """Send changes together; what a change came to is read afterwards, since Google answers with nothing."""
    via.chrome.forget()
    outcomes: dict[int, RequestFailed] = {}
    sending: dict[int, _Sending] = {}
    places = {number: _place(via, write) for number, write in enumerate(writes)}
    try:
        now = states(via, (place for place in places.values() if isinstance(place, Place)))
    except RequestFailed as error:
        return [_unchanged(error)] * len(writes)
    lowest_first = sorted(enumerate(writes), key=lambda one: len(split_name(one[1].name).unit), reverse=True)
    for number, write in lowest_first:  # so that what a unit is to inherit is still there
        try:
            one = _prepared(via, write, places[number], now)
        except RequestFailed as error:
            outcomes[number] = error
            continue
        if one:
            sending[number] = one
    outcomes.update(_sent(via, sending))
    return [outcomes.get(number) or _remote(write) for number, write in enumerate(writes)]


def _place(via: GoogleWorkspace, write: Write) -> Place | RequestFailed:
    try:
        return place_of(via, split_name(write.name))
    except RequestFailed as error:
        return _unchanged(error)


def _prepared(
    via: GoogleWorkspace, write: Write, place: Place | RequestFailed, now: Mapping[Place, State | RequestFailed]
) -> _Sending | None:
    """Make the part of a batch for one change; None where nothing has to change any more."""
    if isinstance(place, RequestFailed):
        raise place
    state = now[place]
    if isinstance(state, RequestFailed):
        raise _unchanged(state)
    if write.body.get(INHERITED):
        return _inherits(via, write, place, state)
    described = _schema(via, place)
    wanted = with_constants(write.body, words_of(place.schema, described), place.schema)
    if all(same_field(state.value.get(name), one) for name, one in wanted.items()):
        return None
    _check_moved(write, wanted, state.value)
    value = {**state.value, **wanted}
    if state.set_here and state.above is not None and is_from_above(value, state.above, wanted.keys()):
        return _Sending(place, _back(place), back=True)
    # What a group has goes before all that its people's unit has of this policy, so that the rest goes with it.
    whole = value if place.target.startswith(GROUPS) and not state.set_here else wanted
    sent = {**whole, **acknowledgements(wanted, described)}
    part: Body = {
        "policyTargetKey": place.key,
        "policyValue": {"policySchema": place.schema.full_name, "value": sent},
        "updateMask": ",".join(sent),
    }
    return _Sending(place, part, back=False)


def _inherits(via: GoogleWorkspace, write: Write, place: Place, state: State) -> _Sending | None:
    """Take off what is set at the target itself, unless it was changed meanwhile."""
    alone = bool(place.app) and not place.target.startswith(GROUPS) and not state.above
    if state.above is None and not alone:
        raise Rejected(f"{write.name}: the top unit has nothing above it to inherit from; write its own settings")
    if not state.set_here:
        return None
    _check_moved(write, state.value, state.value)
    if not alone:
        return _Sending(place, _back(place), back=True)
    if others := settings_of_app(via, place):
        raise Rejected(
            f"{write.name}: the app is managed by this alone, and {', '.join(others)} was set by hand, which would "
            "be gone with it; take it out in the admin console"
        )
    return _Sending(place, _back(place, "*"), back=True)


def _back(place: Place, which: str = "") -> Body:
    """Ask for what is above again; an app that is managed nowhere above leaves management with all that is set for it.

    Follows https://developers.google.com/chrome/policy/guides/app-samples.
    """
    schema = f"{place.schema.namespace}.{which}" if which else place.schema.full_name
    return {"policyTargetKey": place.key, "policySchema": schema}


def _sent(via: GoogleWorkspace, sending: Mapping[int, _Sending]) -> Mapping[int, RequestFailed]:
    """Send all batches; what would befall the next one too ends it."""
    batches: dict[tuple[str, str, bool], list[int]] = {}
    for number, one in sending.items():
        batches.setdefault(one.batch, []).append(number)
    failed: dict[int, RequestFailed] = {}
    lost: RequestFailed | None = None
    for (target, _namespace, back), numbers in batches.items():
        parts = [sending[number].part for number in numbers]
        error = lost or _error(via, target, parts, back=back)
        failed.update(dict.fromkeys(numbers, error) if error else {})
        lost = error if befalls_everybody(error) else None
    return failed


def _error(via: GoogleWorkspace, target: str, parts: Sequence[Body], *, back: bool) -> RequestFailed | None:
    try:
        if back:
            via.chrome.take_back(target, parts)
        else:
            via.chrome.modify(target, parts)
    except RequestFailed as error:
        return error
    return None


def _check_moved(write: Write, wanted: Body, now: Body) -> None:
    """Refuse to write over what was changed since the plan was made: what is sent rests on what was there."""
    before = value_of(_remote(write).body)
    if moved := [name for name in wanted if not same_field(before.get(name), now.get(name))]:
        raise Rejected(f"{', '.join(moved)} changed since this run read it; nothing was written: apply once more")


def _schema(via: GoogleWorkspace, place: Place) -> Body:
    try:
        return via.chrome.schema(place.schema.full_name)
    except RequestFailed as error:
        raise _unchanged(error) from error


def _unchanged(error: RequestFailed) -> RequestFailed:
    """Raise for a read that is refused before a write: nothing was written, and what is there is unknown."""
    if not isinstance(error, Refused | Rejected):
        return error
    told = BadAnswer(f"nothing was changed, since it could not be read again before: {error}")
    told.__cause__ = error
    return told


def _remote(write: Write) -> Remote:
    if write.remote is None:
        raise Rejected(f"{write.name} was not there when this run read it")
    return write.remote
