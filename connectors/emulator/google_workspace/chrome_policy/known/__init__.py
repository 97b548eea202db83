"""The policy schemas that are emulated, by name: those that a school's policies need, of the 1,100 that Google has.

Names, fields and most values are those of GAM's published list of schemas and of schemas that others published raw
(contracts/google.md, section 4). A constant's beginning follows no rule; where none was seen, it is made like others.
"""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.emulator.google_workspace.chrome_policy.known.apps import APPS
from connectors.emulator.google_workspace.chrome_policy.known.devices import DEVICES
from connectors.emulator.google_workspace.chrome_policy.known.sessions import SESSIONS
from connectors.emulator.google_workspace.chrome_policy.known.users import USERS
from connectors.emulator.google_workspace.chrome_policy.schema import PolicySchema

SCHEMAS: Mapping[str, PolicySchema] = MappingProxyType(
    {one.name: one for one in sorted((*USERS, *SESSIONS, *APPS, *DEVICES), key=lambda one: one.name)}
)
