"""Safe Attachments for files: Defender for Office 365 opens a file in a sandbox before people can open it."""

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
from toolkit.sdk import (
    FLAG,
    Effect,
    EffectArea,
    NameRules,
    ObjectEffects,
    Properties,
    Setting,
    Spec,
    Switch,
    declare,
    declare_effects,
    switches_off,
    switches_on,
)


class FilesProtection(Spec):
    """The protection of files by Defender for Office 365. It is unavailable without a licence for that product."""

    effects = declare_effects(
        {
            "files": Effect("files that Defender calls harmful no longer open", switches_on),
            "enable_safe_docs": Effect("harmful documents stay in Protected View", switches_on),
            "allow_safe_docs_open": Effect("harmful documents stay in Protected View", switches_off),
        }
    )

    properties: ClassVar[Properties] = Properties(ignored=IGNORED, defaults=DEFAULTS)

    files: Annotated[bool, Setting(FLAG, wire="EnableATPForSPOTeamsODB")] = declare(
        "Opens files of SharePoint, OneDrive and Teams in a sandbox and blocks harmful ones.", default=False
    )
    enable_safe_docs: Switch = declare(
        "Sends documents in Protected View to Microsoft for a check. Requires A5.", default=False
    )
    allow_safe_docs_open: Switch = declare(
        "Lets people leave Protected View even if a document is harmful.", default=False
    )


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
    stops=ObjectEffects(area=EffectArea.FILES),
)
