"""Every Chrome policy that a playbook can ask for."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.google_workspace.kinds.chrome_policy.apps import APPS
from connectors.google_workspace.kinds.chrome_policy.rows import Schema
from connectors.google_workspace.kinds.chrome_policy.sessions import SESSIONS
from connectors.google_workspace.kinds.chrome_policy.web import WEB

SCHEMAS: Mapping[str, Schema] = MappingProxyType({one.name: one for one in (*WEB, *APPS, *SESSIONS)})
