"""Says why something is not as wanted, by what was last applied."""

from dataclasses import dataclass
from enum import StrEnum

from toolkit.planning.applied_state import Known
from toolkit.planning.change import Change, Create, Delete, Field, Move, Update
from toolkit.planning.diff import NAME
from toolkit.values import satisfied


class Cause(StrEnum):
    """Who or what made a difference."""

    PLAYBOOK = "playbook"
    TENANT = "tenant"
    BOTH = "both"
    TIME = "time"
    TOOLKIT = "toolkit"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Since:
    """What is still the same as when an object was last applied, or last seen as wanted."""

    playbooks: bool
    toolkit: bool

    @property
    def wanting(self) -> Cause:
        """Say what makes the same playbooks, or other ones, want something else."""
        if not self.playbooks:
            return Cause.PLAYBOOK
        return Cause.TIME if self.toolkit else Cause.TOOLKIT


def cause(change: Change, field: Field | None, known: Known | None, since: Since | None, *, as_wanted: bool) -> Cause:
    """Give the cause of a difference.

    `known` is what was last applied to the object, `since` what is still the same since then. Where nothing was
    applied, `as_wanted` says that the drift before found it as wanted, and `since` is about that drift.
    """
    if known is None:
        return _never_applied(change, since, as_wanted=as_wanted)
    match change:
        case Update() if field is not None:
            return _of_setting(change, field, known, since)
        case Create() | Move():
            return Cause.TENANT if isinstance(change, Create) or (since and since.playbooks) else Cause.NOT_KNOWN
        case Delete():
            return since.wanting if since else Cause.NOT_KNOWN
        case _:
            return Cause.NOT_KNOWN


def _never_applied(change: Change, since: Since | None, *, as_wanted: bool) -> Cause:
    if as_wanted and since:
        return Cause.TENANT if since == Since(playbooks=True, toolkit=True) else Cause.NOT_KNOWN
    return Cause.PLAYBOOK if isinstance(change, Create) else Cause.NOT_KNOWN


def _of_setting(change: Update, field: Field, known: Known, since: Since | None) -> Cause:
    if field.path == NAME:
        return Cause.TENANT
    wanted = change.desired.settings.get(field.path)
    if field.path not in known.sent:
        if known.returned and satisfied(wanted, known.returned.get(field.path)):
            return Cause.TENANT  # it was as wanted when we left it
        return since.wanting if since else Cause.PLAYBOOK
    same_wish = satisfied(wanted, known.sent[field.path])
    left = known.returned.get(field.path, known.sent[field.path])
    if field.before == left:
        return Cause.NOT_KNOWN if same_wish else (since.wanting if since else Cause.PLAYBOOK)
    if same_wish:
        return Cause.TENANT
    return Cause.BOTH
