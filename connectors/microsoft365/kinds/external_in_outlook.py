"""The mark that Outlook itself shows on mail from outside: one setting for the whole organisation."""

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
    """Whether Outlook marks mail from outside, and whose it does not; Outlook shows changes within two days."""

    effects = declare_effects({}, {Harmless.WARNING: ("enabled", "allow_list")})

    properties: ClassVar[Properties] = Properties(ignored={"Identity": "identifies the object"}, narrowing=frozenset())

    enabled: Annotated[bool, Setting(FLAG)] = switch("Says whether Outlook shows a mark on mail from outside.")
    allow_list: Annotated[Listed | None, Setting(ADDRESSES, at_least=True, join=Join.UNION)] = declare(
        "Lists domains and addresses whose mail gets no mark, at most 200; entries of others stay.",
        ["localauthority.example"],
    )


MARK = "mark_external_mail"

KIND = exchange_kind(
    "ExternalInOutlook",
    "Organization Configuration",
    name="external_in_outlook",
    title="mark on mail from outside",
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
