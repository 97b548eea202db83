"""The mark that Outlook shows on external mail. It is set for the whole organisation."""

from typing import Annotated, ClassVar

from connectors.microsoft365.builtin_objects import ONLY, CmdletSingleton, exchange_kind
from toolkit.sdk import (
    ADDRESSES,
    FLAG,
    Harmless,
    Jobs,
    Join,
    Listed,
    NameRules,
    Properties,
    Setting,
    Spec,
    declare,
    declare_effects,
    switch,
)


class ExternalInOutlook(Spec):
    """The settings for Outlook's mark on external mail. Outlook shows a change within two days."""

    effects = declare_effects({}, {Harmless.WARNING: ("enabled", "allow_list")})

    properties: ClassVar[Properties] = Properties(ignored={"Identity": "The id of the setting."}, narrowing=frozenset())

    enabled: Annotated[bool, Setting(FLAG)] = switch("Whether Outlook shows a mark on external mail.")
    allow_list: Annotated[Listed | None, Setting(ADDRESSES, at_least=True, join=Join.UNION)] = declare(
        "Domains and addresses whose mail is not marked, at most 200. Entries added by others stay.",
        ["localauthority.example"],
    )


MARK = "mark_external_mail"

KIND = exchange_kind(
    "ExternalInOutlook",
    "Organization Configuration",
    name="external_in_outlook",
    title="mark on external mail",
    spec=ExternalInOutlook,
    endpoint=CmdletSingleton("ExternalInOutlook"),
    sample="""\
- microsoft365.external_in_outlook:
  enabled: true
  allow_list: [localauthority.example]
""",
    jobs=Jobs(names=frozenset({MARK}), of=lambda settings: [MARK] if settings.get("enabled") else []),
    names=NameRules(only=ONLY),
)
