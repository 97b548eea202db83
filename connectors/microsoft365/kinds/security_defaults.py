"""Security defaults, Microsoft's minimum for signing in. toolkit reads them and never changes them."""

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
    """The setting for security defaults, which make everyone register a second factor and block legacy sign-in."""

    effects = declare_effects({"enabled": Effect("sign-ins without a second factor are refused", switches_on)})

    properties: ClassVar[Properties] = Properties(
        ignored={
            "id": "The id of the policy.",
            **dict.fromkeys(("displayName", "description"), "Microsoft's name and description."),
        }
    )

    enabled: Annotated[bool, Setting(FLAG, wire="isEnabled")] = switch(
        "Whether security defaults are on. They are off in a tenant with Conditional Access policies."
    )


class _SecurityDefaults(ReadOnlyObjects, GraphSingleton):
    """The security defaults policy. Only a person may change it."""

    def by_hand(self, name: str) -> str:  # noqa: ARG002 - there is but one
        return (
            "toolkit never changes security defaults, because that can lock everyone out. Change them "
            "in the Entra admin centre > Overview > Properties > Manage security defaults"
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
