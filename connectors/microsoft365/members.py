"""Who is in a group of Entra, with those of the groups inside it: everyone, or an error.

Graph leaves hidden members out without a word, so that the others would look like all of them.
Follows https://learn.microsoft.com/graph/api/group-list-transitivemembers
"""

from collections.abc import Sequence

from connectors.microsoft365.graph import path_with
from toolkit.errors import BadAnswer, Refused, ServiceError
from toolkit.sdk.shapes import text
from toolkit.values import Body

USER, DEVICE, GROUP = (f"#microsoft.graph.{name}" for name in ("user", "device", "group"))
_TYPE = "@odata.type"
_NEEDED = "Member.Read.Hidden"


def members_path(key: str, *properties: str) -> str:
    """Return where everyone in a group is read, with whether a group inside it hides its members."""
    selected = ",".join(("id", "visibility", *properties))
    return path_with(f"/groups/{key}/transitiveMembers", {"select": selected, "top": "999"})


def hides_members(group: Body) -> bool:
    """Return whether a group shows its members only to an app with a permission of its own."""
    return text(group.get("visibility")).lower() == "hiddenmembership"


class MembersHidden(Refused):
    """A group has members that this app cannot see."""

    def __init__(self, group: str) -> None:
        super().__init__(
            f"the members of {group} are hidden; this app needs {_NEEDED} to see all of them", missing=_NEEDED
        )


def everyone_in(name: str, rows: Sequence[Body] | ServiceError) -> Sequence[Body]:
    """Return the members of a group as they were read; ServiceError where some may be missing."""
    if isinstance(rows, ServiceError):
        raise rows
    if untyped := [row for row in rows if _TYPE not in row]:
        raise BadAnswer(f"{len(untyped)} of the members of {name} came without a type, so who they are is not known")
    if any(row[_TYPE] == GROUP and hides_members(row) for row in rows):
        raise MembersHidden(f"a group inside {name}")
    return rows


def ids_of(rows: Sequence[Body], *types: str) -> frozenset[str]:
    """Return the ids of the members of some types."""
    return frozenset(str(row["id"]) for row in rows if row[_TYPE] in types)
