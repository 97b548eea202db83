"""Apply a plan: send the changes of each kind, and read the changed objects back."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from graphlib import TopologicalSorter

from toolkit.engine.apply.member_writes import write_members
from toolkit.engine.apply.ordered_writes import write_in_order
from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.apply.write import AcceptedChange, CountedProgress, Sent, Writing
from toolkit.engine.journal import Journal
from toolkit.engine.read_tenants import Progress, open_thread_pool, read_kind, remotes_to_observed
from toolkit.errors import RequestFailed
from toolkit.ledger.entries import StepVerdict
from toolkit.planning.change import Change, Create, Delete, Move, Update, action_name
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import PlannedOrder
from toolkit.planning.projected_state import find_missing_requirements
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Bulk, Ordered
from toolkit.sdk.kind import Kind, Renaming
from toolkit.sdk.resource import Address, Observed, Unreadable
from toolkit.values import Settings, satisfied

WRITERS = 4
"""The number of simultaneous writes for a kind without order. The service's Caller may allow fewer."""

WRITERS_TO_PEOPLE = 8
"""The same number for a kind with one object per person, because services limit each person separately."""


def apply_changes(
    plan: Plan,
    kinds: Mapping[str, Kind[Connection]],
    connections: Mapping[str, Connection],
    journal: Journal,
    progress: Progress,
) -> list[Outcome]:
    """Send every change of a plan to the tenants, and return the outcome of each change.

    The kinds of objects are written one after another.
    """
    outcomes: list[Outcome] = []
    counted = CountedProgress(progress, len(plan.changes))
    with _record_interruption(journal, plan.changes):
        for name, changes in _group_by_kind(plan.changes, kinds):
            kind = kinds[name]
            writing = Writing(name, kind, kind.endpoint, connections[name.partition(".")[0]], journal, counted)
            failed = [outcome.address for outcome in outcomes if outcome.result is not Result.DONE]
            ready, waiting = _separate_dependent_changes(changes, kind, failed)
            outcomes += waiting
            if kind.members:
                updates = [change for change in ready if isinstance(change, Update)]
                outcomes += write_members(writing, kind.members, updates, partial(_write_and_confirm, writing))
            else:
                outcomes += confirm_changes(writing, _send_changes(writing, ready, plan.orders.get(name)))
    return outcomes


def _separate_dependent_changes(
    changes: Sequence[Change], kind: Kind[Connection], failed_addresses: Sequence[Address]
) -> tuple[Sequence[Change], Sequence[Outcome]]:
    """Separate changes that depend on a failed change of this run.

    Return the changes that can be written, and the outcomes of the changes that cannot.
    """
    waiting = {
        change.address: Outcome(
            change,
            Result.NOT_TRIED,
            f"it was not sent, because {address.display_text} failed. Without it, {presupposition.consequence}",
        )
        for change in changes
        for presupposition, address in find_missing_requirements(change, kind, failed_addresses)
    }
    return [change for change in changes if change.address not in waiting], [*waiting.values()]


def _write_and_confirm(writing: Writing, changes: Sequence[Change]) -> list[Outcome]:
    return confirm_changes(writing, _send_changes(writing, changes, None))


@contextmanager
def _record_interruption(journal: Journal, changes: Sequence[Change]) -> Iterator[None]:
    """Record in the ledger if the run is interrupted, and report the changes that had not begun by then."""
    try:
        yield
    except KeyboardInterrupt as stop:
        journal.ledger.interrupt(stop)
        begun = journal.ledger.runs.begun_changes(journal.run)
        for change in changes:
            if (change.address, action_name(change)) not in begun:
                stop.add_note(f"{change.address.display_text}: {action_name(change)}: not begun")
        raise


def _group_by_kind(
    changes: Sequence[Change], kinds: Mapping[str, Kind[Connection]]
) -> Iterator[tuple[str, Sequence[Change]]]:
    """Yield the changes of each kind of object, in the order in which the kinds are written.

    An object is written after the objects to which it refers, and deleted before them.
    """
    named = list(dict.fromkeys(change.address.kind_path for change in changes))
    referred = {name: _referenced_kinds(name, kinds[name]) for name in named}
    order = list(TopologicalSorter({name: referred[name] & set(named) for name in named}).static_order())
    late = {other for name in named for other in referred[name]}
    for name in order:
        writes = [c for c in changes if c.address.kind_path == name and not (name in late and isinstance(c, Delete))]
        addresses = [change.address for change in writes]
        last = [change for change in writes if any(find_missing_requirements(change, kinds[name], addresses))]
        for together in ([change for change in writes if change not in last], last):
            if together:
                yield name, together
    for name in (name for name in reversed(order) if name in late):
        if deletes := [c for c in changes if c.address.kind_path == name and isinstance(c, Delete)]:
            yield name, deletes


def _referenced_kinds(name: str, kind: Kind[Connection]) -> set[str]:
    lifecycle = kind.lifecycle
    presupposed = {name for presupposition in lifecycle.presupposes for name in presupposition.kinds}
    others = {*lifecycle.refers_to, *presupposed} - {kind.name}
    return {f"{name.partition('.')[0]}.{other}" for other in others}


def _send_changes(writing: Writing, changes: Sequence[Change], order: PlannedOrder | None) -> list[Sent]:
    if order and isinstance(writing.endpoint, Ordered):
        return list(write_in_order(writing, writing.endpoint, changes, order))
    if isinstance(writing.endpoint, Bulk):
        together = [change for change in changes if isinstance(change, Create | Update)]
        deletes = [writing.write(change) for change in changes if isinstance(change, Delete)]
        return [*deletes, *(writing.send_together(writing.endpoint, together) if together else [])]
    with open_thread_pool(WRITERS_TO_PEOPLE if writing.kind.per_person else WRITERS) as pool:
        return list(pool.map(writing.write, (change for change in changes if not isinstance(change, Move))))


PAUSE = 1.0
"""Seconds between two reads while a write has not settled."""


def confirm_changes(
    writing: Writing, steps: Sequence[Sent], sleep: Callable[[float], None] = time.sleep
) -> list[Outcome]:
    """Return the outcome of every change that was sent, either from the service's response or by reading the
    changed objects again.
    """
    decided: dict[int, Outcome] = {place: step for place, step in enumerate(steps) if isinstance(step, Outcome)}
    open_steps = {place: step for place, step in enumerate(steps) if isinstance(step, AcceptedChange)}
    for place, accepted in list(open_steps.items()):
        if accepted.response and not _differing_settings(writing, accepted, accepted.response):
            decided[place] = _outcome_if_done(writing, accepted, accepted.response)
            del open_steps[place]
    decided.update(_read_until_settled(writing, open_steps, sleep))
    return [decided[place] for place in range(len(steps))]


def _read_until_settled(
    writing: Writing, open_steps: Mapping[int, AcceptedChange], sleep: Callable[[float], None]
) -> dict[int, Outcome]:
    decided: dict[int, Outcome] = {}
    waited = 0.0
    while remaining := {place: accepted for place, accepted in open_steps.items() if place not in decided}:
        try:
            with writing.connection.deadline.allow_write_to_finish():
                seen, unreadable = _read_back(writing, remaining.values())
        except RequestFailed as error:
            return {
                **decided,
                **{place: _outcome_if_unread(writing, accepted, str(error)) for place, accepted in remaining.items()},
            }
        last = waited >= writing.kind.settles
        for place, accepted in remaining.items():
            observed = seen.get(_id_or_name_of_object(accepted))
            if observed is None and accepted.error:  # the service may have deleted the object and created it again
                observed = seen.get(f"name {accepted.change.address.name.casefold()}")
            if reason := unreadable.get(accepted.change.address.name.casefold()):
                decided[place] = _outcome_if_unread(writing, accepted, reason)
            elif observed and not _differing_settings(writing, accepted, observed):
                decided[place] = _outcome_if_done(writing, accepted, observed)
            elif last:
                decided[place] = _outcome_if_different(writing, accepted, observed)
        if decided.keys() != open_steps.keys():
            pause = min(PAUSE, writing.kind.settles)
            sleep(pause)
            waited += pause
    return decided


def _read_back(
    writing: Writing, accepted_changes: Iterable[AcceptedChange]
) -> tuple[Mapping[str, Observed], Mapping[str, str]]:
    """Read the changed objects again.

    Return the objects by id and by name, and a reason for each object that could not be read.
    """
    remotes = read_kind(
        writing.connection, writing.kind, frozenset(step.change.address.name for step in accepted_changes)
    )
    objects, _ = remotes_to_observed(writing.name, writing.kind, remotes)
    seen = {
        key: resource
        for resource in objects
        for key in (f"id {resource.remote.id}", f"name {resource.remote.name.casefold()}")
    }
    return seen, {remote.name.casefold(): remote.reason for remote in remotes if isinstance(remote, Unreadable)}


def _id_or_name_of_object(accepted: AcceptedChange) -> str:
    match accepted.change:
        case Update():
            return f"id {accepted.change.observed.remote.id}"
        case Create():
            return f"name {accepted.change.address.name.casefold()}"


def _differing_settings(writing: Writing, accepted: AcceptedChange, observed: Observed) -> list[str]:
    """Return the settings whose value in the tenant differs from the value that toolkit sent.

    A value that the service only reformatted does not count.
    """
    table = writing.kind.spec.table()
    named = writing.kind.renaming is Renaming.NEVER or observed.remote.name == accepted.change.address.name
    renamed = [] if named else ["name"]
    return renamed + [
        path
        for path, value in accepted.settings.items()
        if not satisfied(value, observed.settings.get(path))
        and not (table[path].form.rewritten and value and observed.settings.get(path))
    ]


def _outcome_if_done(writing: Writing, accepted: AcceptedChange, observed: Observed) -> Outcome:
    writing.journal.record_step_end(accepted.step, observed.remote, observed.settings)
    return Outcome(accepted.change, Result.DONE)


def _outcome_if_unread(writing: Writing, accepted: AcceptedChange, reason: str) -> Outcome:
    error = f"{_describe_acceptance(accepted) if accepted.error else 'sent'}, and could not be read back: {reason}"
    writing.journal.record_step_unknown(accepted.step, error)
    return Outcome(accepted.change, Result.UNKNOWN, error)


def _outcome_if_different(writing: Writing, accepted: AcceptedChange, observed: Observed | None) -> Outcome:
    if observed is None:
        error = f"{_describe_acceptance(accepted)}, but the object is missing when read back"
        writing.journal.record_step_reading(writing.journal.run, accepted.step, StepVerdict.CANNOT_TELL, None)
        return Outcome(accepted.change, Result.DIFFERENT if accepted.error else Result.UNKNOWN, error)
    shown = ", ".join(
        f"{path} is {observed.settings.get(path)!r} instead of {accepted.settings[path]!r}"
        if path in accepted.settings
        else path
        for path in _differing_settings(writing, accepted, observed)
    )
    writing.journal.record_step_end(accepted.step, observed.remote, _confirmed_settings(writing, accepted, observed))
    return Outcome(
        accepted.change,
        Result.DIFFERENT,
        f"{_describe_acceptance(accepted)}, but the tenant has different values: {shown}",
    )


def _confirmed_settings(writing: Writing, accepted: AcceptedChange, observed: Observed) -> Settings:
    """Return the settings of an object as read after a change.

    If the service refused a part of the change, texts that the service did not accept are left out.
    """
    if not accepted.error:
        return observed.settings
    table = writing.kind.spec.table()
    return {
        path: value
        for path, value in observed.settings.items()
        if path not in accepted.settings or not table[path].form.rewritten
    }


def _describe_acceptance(accepted: AcceptedChange) -> str:
    return f"partly written ({accepted.error})" if accepted.error else "accepted by the service"
