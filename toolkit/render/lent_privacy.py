"""Leaves out of reports what people wrote into their automatic replies: why they are away is nobody's business."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.planning.change import Change, Field, fields
from toolkit.planning.plan import RollbackConflict
from toolkit.sdk.address import Address
from toolkit.sdk.lending import is_lent
from toolkit.values import Value

if TYPE_CHECKING:
    from toolkit.ledger.history import RunStep  # loads the ledger, which `validate` does without

OWN = "(words of their own, not shown)"
_ABOUT_TIME = frozenset({"status", "begins", "ends", "audience"})


def shown_fields(change: Change) -> tuple[Field, ...]:
    """Give the fields of a change as anybody may read them."""
    pairs = {one.path: (one.before, one.after) for one in fields(change)}
    shown = _shown(change.address, pairs)
    return tuple(replace(one, before=shown[one.path][0], after=shown[one.path][1]) for one in fields(change))


def shown_conflict(conflict: RollbackConflict) -> tuple[Value, Value, Value]:
    """Give what a setting is now, what we left and what was before, as anybody may read it."""
    if is_lent(conflict.address) and conflict.path not in _ABOUT_TIME:
        return OWN, OWN, OWN
    return conflict.now, conflict.left, conflict.before


def shown_changes(step: "RunStep") -> Mapping[str, tuple[Value, Value]]:
    """Give what an act changed, before and after, as anybody may read it."""
    return _shown(step.began.address, step.changes)


def _shown(address: Address, pairs: Mapping[str, tuple[Value, Value]]) -> Mapping[str, tuple[Value, Value]]:
    """Keep the playbook's words alone: those before are the owner's, and so are those that are given back."""
    if not is_lent(address):
        return pairs
    given_back = pairs.get("status", ("", ""))[1] == "off"
    return {
        path: pair if path in _ABOUT_TIME else _without(*pair, given_back=given_back) for path, pair in pairs.items()
    }


def _without(before: Value, after: Value, *, given_back: bool) -> tuple[Value, Value]:
    return (before, OWN if after else None) if given_back else (OWN if before else None, after)
