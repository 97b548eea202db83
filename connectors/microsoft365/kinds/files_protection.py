"""Safe Attachments for files, which Defender for Office 365 has: opening files in a sandbox before people do."""

from typing import Annotated, ClassVar

from connectors.microsoft365.builtin_objects import (
    DEFENDER,
    HYGIENE,
    ONLY,
    READ_BY_SECURITY_READERS,
    LicensedSingleton,
    exchange_kind,
)
from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from connectors.microsoft365.permissions import graph
from toolkit.sdk import FLAG, NameRules, Properties, Setting, Spec, Switch, declare


class FilesProtection(Spec):
    """What Defender for Office 365 does with files; a school without its licence has none of it."""

    properties: ClassVar[Properties] = Properties(ignored=IGNORED, defaults=DEFAULTS)

    files: Annotated[bool, Setting(FLAG, wire="EnableATPForSPOTeamsODB")] = declare(
        "Opens files of SharePoint, OneDrive and Teams in a sandbox and blocks harmful ones.", default=False
    )
    enable_safe_docs: Switch = declare("Sends documents in Protected View to Microsoft; needs A5.", default=False)
    allow_safe_docs_open: Switch = declare("Lets people leave Protected View all the same.", default=False)


KIND = exchange_kind(
    "AtpPolicyForO365",
    HYGIENE,
    (*READ_BY_SECURITY_READERS, graph("Organization.Read.All")),
    name="files_protection",
    title="Safe Attachments for files",
    spec=FilesProtection,
    endpoint=LicensedSingleton("AtpPolicyForO365", DEFENDER),
    sample="""\
- microsoft365.files_protection:
  files: true
""",
    names=NameRules(only=ONLY),
)
