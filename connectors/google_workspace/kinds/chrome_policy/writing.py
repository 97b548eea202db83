"""Changes policies. It reads each policy again, and then sends one request for each target and namespace.

A list that is set at a unit replaces the inherited list, so the complete list is sent.
"""

from collections.abc import Mapping, Sequence

from connectors.google_workspace.chrome_policy import GROUPS
from connectors.google_workspace.kinds.chrome_policy.reading import Place, other_app_settings, place_of, states
from connectors.google_workspace.kinds.chrome_policy.state import (
    State,
    acknowledgement_fields,
    are_equal,
    equals_inherited,
    value_of,
    with_constants,
    words_of,
)
from connectors.google_workspace.kinds.chrome_policy.table import INHERITED, split_name
from connectors.google_workspace.people import affects_everyone
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, Refused, Rejected, RequestFailed
from toolkit.records import dataclass
from toolkit.sdk import Remote, Write
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class _Sending:
    """A change of a policy, and the request for it in a batch."""

    place: Place
    part: Body
    back: bool  # whether the policy is reset to the inherited one

    @property
    def batch(self) -> tuple[str, str, bool]:
        """Return a key that is the same for all policies that may be in one request.

        A request has a single namespace.
        """
        return self.place.target, self.place.schema.namespace, self.back


def write_many(via: GoogleWorkspace, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
    """Send several changes together. Return the outcome of each, read again, because Google's responses are empty."""
    via.chrome.forget()
    outcomes: dict[int, RequestFailed] = {}
    sending: dict[int, _Sending] = {}
    places = {number: _find_place(via, write) for number, write in enumerate(writes)}
    try:
        current_states = states(via, (place for place in places.values() if isinstance(place, Place)))
    except RequestFailed as error:
        return [_not_changed_error(error)] * len(writes)
    lowest_first = sorted(enumerate(writes), key=lambda numbered: len(split_name(numbered[1].name).unit), reverse=True)
    for number, write in lowest_first:  # the lowest units first, so that the value a unit will inherit still exists
        try:
            prepared = _prepare(via, write, places[number], current_states)
        except RequestFailed as error:
            outcomes[number] = error
            continue
        if prepared:
            sending[number] = prepared
    outcomes.update(_send_batches(via, sending))
    return [outcomes.get(number) or _to_remote(write) for number, write in enumerate(writes)]


def _find_place(via: GoogleWorkspace, write: Write) -> Place | RequestFailed:
    try:
        return place_of(via, split_name(write.name))
    except RequestFailed as error:
        return _not_changed_error(error)


def _prepare(
    via: GoogleWorkspace,
    write: Write,
    place: Place | RequestFailed,
    current_states: Mapping[Place, State | RequestFailed],
) -> _Sending | None:
    """Return the request for a change, or None if the policy already has the desired settings."""
    if isinstance(place, RequestFailed):
        raise place
    state = current_states[place]
    if isinstance(state, RequestFailed):
        raise _not_changed_error(state)
    if write.body.get(INHERITED):
        return _prepare_reset(via, write, place, state)
    described = _read_schema(via, place)
    desired = with_constants(write.body, words_of(place.schema, described), place.schema)
    if all(are_equal(state.value.get(name), desired_value) for name, desired_value in desired.items()):
        return None
    _check_unchanged(write, desired, state.value)
    value = {**state.value, **desired}
    if state.set_here and state.inherited is not None and equals_inherited(value, state.inherited, desired.keys()):
        return _Sending(place, _make_reset_request(place), back=True)
    # A group's policy overrides everything from its people's unit, so the other settings are sent too.
    complete = value if place.target.startswith(GROUPS) and not state.set_here else desired
    value_to_send = {**complete, **acknowledgement_fields(desired, described)}
    part: Body = {
        "policyTargetKey": place.key,
        "policyValue": {"policySchema": place.schema.full_name, "value": value_to_send},
        "updateMask": ",".join(value_to_send),
    }
    return _Sending(place, part, back=False)


def _prepare_reset(via: GoogleWorkspace, write: Write, place: Place, state: State) -> _Sending | None:
    """Return the request that removes the target's own settings.

    Raise Rejected if someone has changed them since the plan.
    """
    is_unmanaged_above = bool(place.app) and not place.target.startswith(GROUPS) and not state.inherited
    if state.inherited is None and not is_unmanaged_above:
        raise Rejected(f"{write.name}: the top unit cannot inherit. Write its own settings")
    if not state.set_here:
        return None
    _check_unchanged(write, state.value, state.value)
    if not is_unmanaged_above:
        return _Sending(place, _make_reset_request(place), back=True)
    if others := other_app_settings(via, place):
        raise Rejected(
            f"{write.name}: only this setting makes the app managed, and {', '.join(others)} was set by hand and would "
            "be lost. Remove the app in the admin console"
        )
    return _Sending(place, _make_reset_request(place, "*"), back=True)


def _make_reset_request(place: Place, which: str = "") -> Body:
    """Return the request after which a target inherits a policy again.

    An app without a policy above loses all its settings. Follows
    https://developers.google.com/chrome/policy/guides/app-samples.
    """
    schema = f"{place.schema.namespace}.{which}" if which else place.schema.full_name
    return {"policyTargetKey": place.key, "policySchema": schema}


def _send_batches(via: GoogleWorkspace, sending: Mapping[int, _Sending]) -> Mapping[int, RequestFailed]:
    """Send all batches, and return the errors by number. Stop after an error that every batch would get."""
    batches: dict[tuple[str, str, bool], list[int]] = {}
    for number, policy in sending.items():
        batches.setdefault(policy.batch, []).append(number)
    failures: dict[int, RequestFailed] = {}
    general_error: RequestFailed | None = None
    for (target, _namespace, back), numbers in batches.items():
        parts = [sending[number].part for number in numbers]
        error = general_error or _send_parts(via, target, parts, back=back)
        failures.update(dict.fromkeys(numbers, error) if error else {})
        general_error = error if affects_everyone(error) else None
    return failures


def _send_parts(via: GoogleWorkspace, target: str, parts: Sequence[Body], *, back: bool) -> RequestFailed | None:
    try:
        if back:
            via.chrome.take_back(target, parts)
        else:
            via.chrome.modify(target, parts)
    except RequestFailed as error:
        return error
    return None


def _check_unchanged(write: Write, desired: Body, current: Body) -> None:
    """Raise Rejected if a policy has changed since the plan, because the values to send depend on its values."""
    before = value_of(_to_remote(write).body)
    if changed := [name for name in desired if not are_equal(before.get(name), current.get(name))]:
        raise Rejected(f"{', '.join(changed)} changed since this run read it, so nothing was written. Apply again")


def _read_schema(via: GoogleWorkspace, place: Place) -> Body:
    try:
        return via.chrome.schema(place.schema.full_name)
    except RequestFailed as error:
        raise _not_changed_error(error) from error


def _not_changed_error(error: RequestFailed) -> RequestFailed:
    """Return the error for a change whose policy could not be read again. Nothing was written then."""
    if not isinstance(error, Refused | Rejected):
        return error
    unread = BadAnswer(f"nothing was changed, because the policy could not be read again first: {error}")
    unread.__cause__ = error
    return unread


def _to_remote(write: Write) -> Remote:
    if write.remote is None:
        raise Rejected(f"{write.name} did not exist when this run read it")
    return write.remote
