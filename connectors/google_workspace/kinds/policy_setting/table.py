"""Every setting of the Policy API that a playbook can ask about."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.google_workspace.kinds.policy_setting.chat import CHAT
from connectors.google_workspace.kinds.policy_setting.drive_and_docs import DRIVE_AND_DOCS
from connectors.google_workspace.kinds.policy_setting.gmail import GMAIL
from connectors.google_workspace.kinds.policy_setting.gmail_safety import GMAIL_SAFETY
from connectors.google_workspace.kinds.policy_setting.rows import SettingType
from connectors.google_workspace.kinds.policy_setting.security import SECURITY
from connectors.google_workspace.kinds.policy_setting.services import SERVICES

TYPES: Mapping[str, SettingType] = MappingProxyType(
    {one.name: one for one in (*SECURITY, *GMAIL, *GMAIL_SAFETY, *DRIVE_AND_DOCS, *CHAT, *SERVICES)}
)
