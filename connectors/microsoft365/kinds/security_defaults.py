"""Security defaults, Microsoft's own minimum for signing in: read, and never changed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, NoReturn

from pydantic import Field

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.permissions import graph
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk.endpoint import Wanted
from toolkit.sdk.form import FLAG
from toolkit.sdk.kind import Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Remote
from toolkit.sdk.spec import Setting, Spec
from toolkit.values import Body

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365

ONLY = "organisation"
_PATH = "/policies/identitySecurityDefaultsEnforcementPolicy"


class SecurityDefaults(Spec):
    """Whether everybody registers a second factor and legacy sign-in is blocked; with Conditional Access it is off."""

    enabled: Annotated[bool, Setting(FLAG, wire="isEnabled")] = Field(
        default=False,
        description="Says whether they are on; a tenant with policies of Conditional Access has them off.",
        examples=[True],
    )


class _SecurityDefaults:
    """The one policy; what differs is for a person to change."""

    def read(self, via: "Microsoft365", wanted: Wanted) -> Iterable[Remote]:  # noqa: ARG002 - there is but one
        answer = via.graph.get(_PATH)
        if not isinstance(answer.get("isEnabled"), bool):
            raise BadAnswer(f"GET {_PATH}: the answer does not say whether they are on")
        return [Remote(str(answer.get("id") or ONLY), ONLY, answer)]

    def create(self, via: "Microsoft365", name: str, body: Body) -> NoReturn:  # noqa: ARG002 - nobody writes it
        raise _by_hand()

    def update(self, via: "Microsoft365", remote: Remote, name: str, body: Body) -> NoReturn:  # noqa: ARG002
        raise _by_hand()

    def delete(self, via: "Microsoft365", remote: Remote) -> NoReturn:  # noqa: ARG002
        raise _by_hand()


def _by_hand() -> Rejected:
    return Rejected(
        "toolkit never changes security defaults, since that can lock everybody out; do it in the Entra admin centre > "
        "Overview > Properties > Manage security defaults"
    )


KIND = Kind(
    name="security_defaults",
    title="security defaults",
    spec=SecurityDefaults,
    endpoint=_SecurityDefaults(),
    reference="https://learn.microsoft.com/graph/api/resources/identitysecuritydefaultsenforcementpolicy",
    permissions=Permissions(read=(graph("Policy.Read.All"),)),
    read_only=True,
    only=ONLY,
    logged=DIRECTORY,
    sample="""\
- microsoft365.security_defaults:
  enabled: true
""",
)
