"""Policies of Conditional Access, who may sign in from where and how: read, and never changed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.kinds.conditional_access_policy.settings import ConditionalAccessPolicy
from connectors.microsoft365.permissions import graph
from toolkit.errors import BadAnswer
from toolkit.sdk.endpoint import Everything, NamedOnly, ReadOnlyObjects, Wanted
from toolkit.sdk.kind import Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Remote
from toolkit.sdk.shapes import text
from toolkit.values import Body

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365

_PATH = "/identity/conditionalAccess/policies"


class _ConditionalAccess(ReadOnlyObjects):
    """All policies; what differs is for a person to change."""

    def read(self, via: "Microsoft365", wanted: Wanted) -> Iterable[Remote]:
        """Read them in one list."""
        seen = [_seen(row) for row in via.graph.pages(_PATH)]
        match wanted:
            case Everything():
                return seen
            case NamedOnly(names):
                return [one for one in seen if one.name in names]

    def by_hand(self, name: str) -> str:
        return (
            f"{name}: toolkit never changes Conditional Access, since that can lock everybody out; do it in the Entra "
            "admin centre > Protection > Conditional Access"
        )


def _seen(row: Body) -> Remote:
    if not (row.get("id") and row.get("displayName")):
        raise BadAnswer(f"GET {_PATH}: the answer shows a policy that has no id or no name")
    return Remote(text(row["id"]), text(row["displayName"]), row)


KIND = Kind(
    name="conditional_access_policy",
    title="policy of Conditional Access",
    plural="policies",
    spec=ConditionalAccessPolicy,
    endpoint=_ConditionalAccess(),
    reference="https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy",
    permissions=Permissions(read=(graph("Policy.Read.All"),)),
    read_only=True,
    logged=DIRECTORY,
    sample="""\
- microsoft365.conditional_access_policy: Block legacy authentication
  state: enabled
  included: [all]
  grant_controls: [block]
""",
)
