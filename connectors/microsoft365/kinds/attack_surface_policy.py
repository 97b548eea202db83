"""Attack surface reduction rules of Defender on Windows, which limit macros, scripts and mail attachments."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import create_model

from connectors.microsoft365.intune.catalogue import CataloguePolicies, CataloguePolicy, catalogue_kind
from connectors.microsoft365.intune.catalogue_settings import PREFIX, PROPERTIES, CatalogueSetting, to_unknown_property
from toolkit.records import dataclass
from toolkit.sdk import (
    TEXT,
    Effect,
    Properties,
    Setting,
    UnknownProperty,
    becomes,
    declare,
    declare_effects,
    mapping,
    mappings,
    text,
)
from toolkit.values import Body, Json

_GROUP = "device_vendor_msft_policy_config_defender_attacksurfacereductionrules"
_STATES = ("off", "audit", "warn", "block")
# https://learn.microsoft.com/defender-endpoint/attack-surface-reduction-rules-reference without the rule about servers,
# since Intune does not manage them.
_RULES = {
    "adobe_child_processes": ("blockadobereaderfromcreatingchildprocesses", "Adobe Reader starts other programs"),
    "copied_system_tools": ("blockuseofcopiedorimpersonatedsystemtools", "a copy of a Windows tool runs"),
    "credential_stealing": (
        "blockcredentialstealingfromwindowslocalsecurityauthoritysubsystem", "a program reads passwords from Windows",
    ),
    "downloads_by_scripts": (
        "blockjavascriptorvbscriptfromlaunchingdownloadedexecutablecontent", "a script starts a downloaded program",
    ),
    "mail_executables": ("blockexecutablecontentfromemailclientandwebmail", "a program from an email runs"),
    "obfuscated_scripts": ("blockexecutionofpotentiallyobfuscatedscripts", "an obfuscated script runs"),
    "office_child_processes": (
        "blockallofficeapplicationsfromcreatingchildprocesses", "Word, Excel or another Office app starts programs",
    ),
    "office_executables": ("blockofficeapplicationsfromcreatingexecutablecontent", "an Office app saves a program"),
    "office_injection": (
        "blockofficeapplicationsfrominjectingcodeintootherprocesses", "an Office app injects code into another program",
    ),
    "office_macros": ("blockwin32apicallsfromofficemacros", "an Office macro calls Windows functions directly"),
    "outlook_child_processes": (
        "blockofficecommunicationappfromcreatingchildprocesses", "Outlook starts other programs",
    ),
    "ransomware": ("useadvancedprotectionagainstransomware", "a program behaves like ransomware"),
    "rare_programs": (
        "blockexecutablefilesrunningunlesstheymeetprevalenceagetrustedlistcriterion", "a rare or new program runs",
    ),
    "remote_commands": (
        "blockprocesscreationsfrompsexecandwmicommands", "PsExec or WMI starts a program, as remote support may do",
    ),
    "safe_mode": ("blockrebootingmachineinsafemode", "a program restarts the computer in safe mode"),
    "usb_programs": ("blockuntrustedunsignedprocessesthatrunfromusb", "an unsigned program runs from a USB stick"),
    "vulnerable_drivers": ("blockabuseofexploitedvulnerablesigneddrivers", "a program installs a vulnerable driver"),
    "wmi_persistence": ("blockpersistencethroughwmieventsubscription", "malware hides in WMI so that it starts again"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SurfaceRule(CatalogueSetting):
    """The setting for an attack surface reduction rule.

    A change of the rule keeps the files that are excluded from it.
    """

    def read_value(self, instance: Body) -> Json:
        state = text(mapping(instance.get("choiceSettingValue")).get("value")).removeprefix(f"{self.definition}_")
        return state if state in _STATES else None

    def to_content(self, value: Json) -> Body:
        chosen = {"@odata.type": f"{PREFIX}ChoiceSettingValue", "value": f"{self.definition}_{value}"}
        return {"@odata.type": f"{PREFIX}ChoiceSettingInstance", "choiceSettingValue": {**chosen, "children": []}}

    def to_instance(self, value: Json, existing: Body) -> Body:
        made = super(SurfaceRule, self).to_instance(value, existing)  # noqa: UP008 (slots make a second class)
        chosen = {**mapping(existing.get("choiceSettingValue")), "value": f"{self.definition}_{value}"}
        return {**existing, "choiceSettingValue": chosen} if existing else made

    def unknown_parts(self, instance: Body) -> Iterator[UnknownProperty]:
        if self.read_value(instance) is None:
            yield to_unknown_property(instance)
        yield from map(to_unknown_property, mappings(mapping(instance.get("choiceSettingValue")).get("children")))


RULES: Mapping[str, SurfaceRule] = {
    name: SurfaceRule(f"{_GROUP}_{rule}", f"the rule {name}", group=_GROUP) for name, (rule, _) in _RULES.items()
}


class _OfRules(CataloguePolicy):
    effects = declare_effects(
        dict.fromkeys(RULES, Effect("programs and macros that behave like malware no longer run", becomes("block")))
    )
    extra_setting_names = CataloguePolicy.extra_setting_names | frozenset(RULES)
    properties: ClassVar[Properties] = PROPERTIES.extended(
        ignored={"technologies": "The service that delivers the policy to a computer: device management or Defender."}
    )
    catalogue = RULES
    groups: ClassVar[Mapping[str, Body]] = {
        _GROUP: {
            "@odata.type": f"{PREFIX}GroupSettingCollectionInstance",
            "settingDefinitionId": _GROUP,
            "settingInstanceTemplateReference": {"settingInstanceTemplateId": "19600663-e264-4c02-8f55-f2983216d6d7"},
        }
    }
    template: ClassVar[Body] = {
        "platforms": "windows10",
        "technologies": "mdm,microsoftSense",
        "templateReference": {"templateId": "e8c053d6-9f95-42b1-a7f1-ebfd71c67a4b_1"},
    }


_FIELDS: dict[str, Any] = {
    name: (
        Annotated[Literal["off", "audit", "warn", "block"] | None, Setting(TEXT)],
        declare(f"Action if {when}. audit only records it, and warn lets people continue.", "audit"),
    )
    for name, (_, when) in _RULES.items()
}
AttackSurfacePolicy = create_model(
    "AttackSurfacePolicy",
    __base__=_OfRules,
    __module__=__name__,
    __doc__="A policy of attack surface reduction rules. Other rules and settings in it do not change.",
    **_FIELDS,
)

KIND = catalogue_kind(
    "attack_surface_policy",
    title="attack surface reduction policy",
    plural="attack surface reduction policies",
    endpoint=CataloguePolicies(spec=AttackSurfacePolicy),
    sample="""\
- microsoft365.attack_surface_policy: Macros and scripts
  office_child_processes: audit
  mail_executables: block
  assigned_to: [all-staff@example-primary.example]
""",
)
