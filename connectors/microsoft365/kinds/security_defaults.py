"""Security defaults, Microsoft's own minimum for signing in: read, and never changed."""

from typing import Annotated, ClassVar

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.builtin_objects import ONLY, GraphSingleton
from connectors.microsoft365.permissions import graph
from toolkit.sdk import (
    FLAG,
    Effect,
    EffectArea,
    Kind,
    NameRules,
    ObjectEffects,
    Permissions,
    Properties,
    ReadOnlyObjects,
    Scale,
    Setting,
    Spec,
    declare_effects,
    switch,
    switches_on,
)


class SecurityDefaults(Spec):
    """Whether everybody registers a second factor and legacy sign-in is blocked; with Conditional Access it is off."""

    effects = declare_effects({"enabled": Effect("sign-ins without a second factor are refused", switches_on)})

    properties: ClassVar[Properties] = Properties(
        ignored={
            "id": "identifies the object",
            **dict.fromkeys(("displayName", "description"), "is Microsoft's name or description of them"),
        }
    )

    enabled: Annotated[bool, Setting(FLAG, wire="isEnabled")] = switch(
        "Says whether they are on; a tenant with policies of Conditional Access has them off."
    )


class _SecurityDefaults(ReadOnlyObjects, GraphSingleton):
    """The one policy; what differs is for a person to change."""

    def by_hand(self, name: str) -> str:  # noqa: ARG002 - there is but one
        return (
            "toolkit never changes security defaults, since that can lock everybody out; do it in the Entra admin "
            "centre > Overview > Properties > Manage security defaults"
        )


KIND = Kind(
    name="security_defaults",
    title="security defaults",
    spec=SecurityDefaults,
    endpoint=_SecurityDefaults("/policies/identitySecurityDefaultsEnforcementPolicy", shows="isEnabled"),
    reference="https://learn.microsoft.com/graph/api/resources/identitysecuritydefaultsenforcementpolicy",
    reach=Scale.TENANT,
    permissions=Permissions(read=(graph("Policy.Read.All"),)),
    read_only=True,
    logged=DIRECTORY,
    sample="""\
- microsoft365.security_defaults:
  enabled: true
""",
    names=NameRules(only=ONLY),
    stops=ObjectEffects(area=EffectArea.ACCOUNTS),
)
