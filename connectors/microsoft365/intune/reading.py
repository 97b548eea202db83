"""Policies as they are read from a list: each with the names of the groups it is for, or why it is not known."""

from collections.abc import Callable, Iterator, Sequence

from connectors.microsoft365.intune.assignments import groups_in, targets_of
from connectors.microsoft365.intune.client import Via
from connectors.microsoft365.intune.properties import with_names
from toolkit.errors import BadAnswer, Refused, Rejected
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.sdk.shapes import text
from toolkit.values import Body


def nothing_hidden(_row: Body) -> str:
    """Find nothing missing from an object beyond its assignments."""
    return ""


def seen(
    via: Via, rows: Sequence[Body], *, called: str, hidden: Callable[[Body], str] = nothing_hidden
) -> Iterator[Remote | Unreadable]:
    """Give each object; `called` is the property with its name, `hidden` says what else of one was not shown.

    Raises where groups that they are assigned to cannot be read: then it is not known for whom any of them is.
    """
    groups = {group for row in rows for group in groups_in(targets_of(row) or [])}
    names = {group: via.intune.groups.name_of(group) for group in groups}
    for row in rows:
        identifier, name = text(row.get("id")), text(row.get(called))
        if not identifier:
            raise BadAnswer("a policy came without an id")
        if reason := incomplete(row, hidden) or ("" if name else "it has no name"):
            yield Unreadable(identifier, name or identifier, reason)
        else:
            reached = {group: names[group] for group in groups_in(targets_of(row) or [])}
            yield Remote(identifier, name, with_names(row, reached))


def again(
    via: Via, collection: str, remote: Remote, *, expand: str, hidden: Callable[[Body], str] = nothing_hidden
) -> Body:
    """Read an object just before a whole of it is replaced; BadAnswer where it is not known then."""
    try:
        row = via.intune.get(collection, remote.id, expand=expand)
    except (Refused, Rejected) as error:
        raise BadAnswer(f"nothing was changed, since it could not be read again before: {error}") from error
    if reason := incomplete(row, hidden):
        raise BadAnswer(f"nothing was changed: {reason}")
    return row


def incomplete(row: Body, hidden: Callable[[Body], str] = nothing_hidden) -> str:
    """Say what of an object was not shown: then it is not known as a whole."""
    return "its assignments were not shown with their filters" if targets_of(row) is None else hidden(row)
