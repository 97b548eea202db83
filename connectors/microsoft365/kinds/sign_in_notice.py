"""The notice that Windows shows before sign-in, in a settings-catalogue policy."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from connectors.microsoft365.intune.catalogue import CataloguePolicies, CataloguePolicy, catalogue_kind
from connectors.microsoft365.intune.catalogue_settings import PREFIX, CatalogueSetting, to_unknown_property
from toolkit.records import dataclass
from toolkit.sdk import (
    PROSE,
    TEXT,
    Harmless,
    Setting,
    UnknownProperty,
    declare,
    declare_effects,
    mapping,
    mappings,
    text,
)
from toolkit.values import Body, Json

# https://learn.microsoft.com/windows/client-management/mdm/policy-csp-localpoliciessecurityoptions
_LOGON = "device_vendor_msft_policy_config_localpoliciessecurityoptions_interactivelogon"


@dataclass(frozen=True, slots=True)
class NoticeText(CatalogueSetting):
    """A setting of the notice. Its value in Intune is one text, or a list of lines."""

    lines: bool = False

    @property
    def _holder(self) -> str:
        return "simpleSettingCollectionValue" if self.lines else "simpleSettingValue"

    def read_value(self, instance: Body) -> Json:
        held = instance.get(self._holder)
        return "\n".join(text(row.get("value")) for row in (mappings(held) if self.lines else [mapping(held)]))

    def to_content(self, value: Json) -> Body:
        sort = "SimpleSettingCollectionInstance" if self.lines else "SimpleSettingInstance"
        lines = text(value).split("\n") if self.lines else [text(value)]
        made: list[Json] = [{"@odata.type": f"{PREFIX}StringSettingValue", "value": line} for line in lines]
        return {"@odata.type": f"{PREFIX}{sort}", self._holder: made if self.lines else made[0]}

    def unknown_parts(self, instance: Body) -> Iterator[UnknownProperty]:
        if self._holder not in instance:
            yield to_unknown_property(instance)


NOTICE: Mapping[str, NoticeText] = {
    "title": NoticeText(f"{_LOGON}_messagetitleforusersattemptingtologon", "the title of the sign-in notice"),
    "text": NoticeText(f"{_LOGON}_messagetextforusersattemptingtologon", "the sign-in notice", lines=True),
}


class SignInNotice(CataloguePolicy):
    """A policy with a notice that people must close before they sign in.

    toolkit changes no other settings in the policy.
    """

    effects = declare_effects({}, {Harmless.TEXT: ("title", "text")})

    extra_setting_names = CataloguePolicy.extra_setting_names | frozenset(NOTICE)
    catalogue = NOTICE

    title: Annotated[str | None, Setting(TEXT)] = declare("Heading of the notice.", "Use may be monitored")
    text: Annotated[str | None, Setting(PROSE)] = declare(
        "Text of the notice, with its line breaks.", "The school may monitor what is done on its systems."
    )


KIND = catalogue_kind(
    "sign_in_notice",
    title="sign-in notice",
    plural="sign-in notices",
    endpoint=CataloguePolicies(spec=SignInNotice),
    sample="""\
- microsoft365.sign_in_notice: Monitoring
  title: Use may be monitored
  text: The school may monitor what is done on its systems.
  assigned_to: [all-staff@example-primary.example]
""",
)
