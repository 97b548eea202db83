"""Leaves out of reports what people wrote into their automatic replies: why they are away is nobody's business."""

from dataclasses import replace

from toolkit.planning.change import Change, Field, fields
from toolkit.tenant.providers import kinds

OWN = "(words of their own, not shown)"
_ABOUT_TIME = frozenset({"status", "begins", "ends", "audience"})


def shown_fields(change: Change) -> tuple[Field, ...]:
    """Give the fields of a change as anybody may read them."""
    address = change.address
    kind = kinds(address.provider).get(address.kind)
    if kind is None or not kind.lent:
        return tuple(fields(change))
    given_back = any(one.path == "status" and one.after == "off" for one in fields(change))
    return tuple(one if one.path in _ABOUT_TIME else _without(one, given_back=given_back) for one in fields(change))


def _without(one: Field, *, given_back: bool) -> Field:
    """Keep the playbook's words alone: those before are the owner's, and so are those that are given back."""
    if given_back:
        return replace(one, before=one.before, after=OWN if one.after else None)
    return replace(one, before=OWN if one.before else None)
