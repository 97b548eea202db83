"""Remote domains: what may be sent automatically to domains of others; the one named Default is for all the rest."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from connectors.microsoft365.builtin_objects import CmdletObjects, exchange_kind
from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from toolkit.sdk import (
    FLAG,
    NUMBER,
    TEXT,
    Effect,
    Form,
    Harmless,
    Properties,
    Setting,
    Spec,
    Switch,
    Wire,
    becomes,
    declare,
    declare_effects,
    switches_off,
)
from toolkit.values import Body, Json, Value


def _width(value: Json) -> Value:
    """Read a number of characters as the text that it is compared by, or Unlimited."""
    if value in (None, "", "Unlimited"):
        return TEXT.read(value)
    if not str(value).isdecimal():
        raise ValueError(f"{value!r} is not a number of characters")
    return str(int(str(value)))


_WIDTH = Form("number of characters, or Unlimited", _width)
_CharacterSet: TypeAlias = Annotated[str | None, Field(min_length=1), Setting(TEXT)]


class RemoteDomain(Spec):
    """What goes to one domain, and how it is written."""

    effects = declare_effects(
        {
            "auto_forward_enabled": Effect("automatic forwarding to outside addresses stops", switches_off),
            "auto_reply_enabled": Effect("automatic replies to people outside stop", switches_off, meets_outside=True),
            "allowed_oof_type": Effect(
                "absence notices to people outside stop", becomes("None", "InternalLegacy"), meets_outside=True
            ),
            "delivery_report_enabled": Effect("senders outside get no more receipts of delivery", switches_off),
            "ndr_enabled": Effect("senders outside are no longer told that their mail did not arrive", switches_off),
            "meeting_forward_notification_enabled": Effect(
                "organisers outside are no longer told that an invitation was forwarded", switches_off
            ),
            "trusted_mail_inbound_enabled": Effect("mail from the domain can be caught as spam", switches_off),
            "is_internal": Effect("people of the domain are treated as people outside", switches_off),
        },
        {
            Harmless.RELAXES: ("trusted_mail_outbound_enabled", "target_delivery_domain"),
            Harmless.ENCODING: (
                "ndr_diagnostic_info_enabled",
                "display_sender_name",
                "use_simple_display_name",
                "tnef_enabled",
                "content_type",
                "character_set",
                "non_mime_character_set",
                "required_charset_coverage",
                "line_wrap_size",
                "byte_encoder_type_for_7_bit_charsets",
                "preferred_internet_code_page_for_shift_jis",
            ),
        },
    )

    properties: ClassVar[Properties] = Properties(
        ignored={**IGNORED, "DomainName": "says which domain it is; the name of the object says that too"},
        defaults={**DEFAULTS, "MessageCountThreshold": 2147483647},
        narrowing=frozenset(),
    )

    auto_forward_enabled: Switch = declare(
        "Says whether mail that a mailbox forwards automatically may go there.", False, default=True
    )
    auto_reply_enabled: Switch = declare(
        "Says whether automatic replies that are not absence notices may go there.", default=True
    )
    allowed_oof_type: Annotated[
        Literal["External", "InternalLegacy", "ExternalLegacy", "None"], Setting(TEXT), Wire("AllowedOOFType")
    ] = declare(
        "Says which absence notices may go there: those for outsiders, those for colleagues (for a domain of our "
        "own), either with those of old clients, or none.",
        default="External",
    )
    delivery_report_enabled: Switch = declare("Says whether receipts of delivery may go there.", default=True)
    ndr_enabled: Annotated[Switch, Wire("NDREnabled")] = declare(
        "Says whether senders there are told when their mail could not be delivered.", default=True
    )
    ndr_diagnostic_info_enabled: Annotated[Switch, Wire("NDRDiagnosticInfoEnabled")] = declare(
        "Says whether such a notice shows names of servers and other details.", default=True
    )
    meeting_forward_notification_enabled: Switch = declare(
        "Says whether organisers there get a notice when an invitation is forwarded.", default=False
    )
    display_sender_name: Switch = declare("Says whether our people's names are shown there.", default=True)
    use_simple_display_name: Switch = declare(
        "Shows our people there by the simple form of their names.", default=False
    )
    is_internal: Switch = declare("Treats people there as people of the organisation.", default=False)
    target_delivery_domain: Switch = declare(
        "Uses the domain for the addresses of mailboxes that live in another organisation.", default=False
    )
    trusted_mail_inbound_enabled: Switch = declare(
        "Lets mail from there past the spam filter; leave it off.", default=False
    )
    trusted_mail_outbound_enabled: Switch = declare(
        "Marks mail to there as trusted, for an organisation that shares a server with ours.", default=False
    )
    tnef_enabled: Annotated[bool | None, Setting(FLAG), Wire("TNEFEnabled")] = declare(
        "Sends rich text there in Outlook's own form, which arrives elsewhere as winmail.dat; null leaves it to "
        "each sender.",
        False,
    )
    content_type: Annotated[Literal["MimeHtmlText", "MimeText", "MimeHtml"], Setting(TEXT)] = declare(
        "Says in which form mail goes there: as it was written, as text, as HTML.", default="MimeHtmlText"
    )
    character_set: _CharacterSet = declare("Names the character set of mail that says none.", "iso-8859-1")
    non_mime_character_set: _CharacterSet = declare("Names the character set of mail without MIME.", "iso-8859-1")
    required_charset_coverage: Annotated[int | None, Field(ge=0, le=100), Setting(NUMBER)] = declare(
        "Says how many characters in a hundred a character set must have to be used.", 95
    )
    line_wrap_size: Annotated[Literal["Unlimited"] | Annotated[int, Field(ge=0, le=132)], Setting(_WIDTH)] = declare(
        "Breaks lines after so many characters, 0 to 132, or never.", 76, default="Unlimited"
    )
    byte_encoder_type_for_7_bit_charsets: Annotated[
        Literal[
            "Use7Bit",
            "UseQP",
            "UseBase64",
            "UseQPHtmlDetectTextPlain",
            "UseBase64HtmlDetectTextPlain",
            "UseQPHtml7BitTextPlain",
            "UseBase64Html7BitTextPlain",
            "Undefined",
        ],
        Setting(TEXT),
    ] = declare("Says how seven-bit text is encoded on its way there.", default="Undefined")
    preferred_internet_code_page_for_shift_jis: Annotated[
        Literal["Undefined", "Iso2022Jp", "Esc2022Jp", "Sio2022Jp"], Setting(TEXT)
    ] = declare("Says how Japanese text is encoded on its way there.", default="Undefined")


def _absence_notices(before: Body, sent: Body) -> Body:
    """Keep the kind of absence notices: Exchange sets ExternalLegacy when a domain stops being internal."""
    kept = sent.get("AllowedOOFType", before.get("AllowedOOFType"))
    stops = before.get("IsInternal") is True and sent.get("IsInternal") is False
    return {"AllowedOOFType": kept} if stops and kept != "InternalLegacy" else {}


KIND = exchange_kind(
    "RemoteDomain",
    "Remote and Accepted Domains",
    name="remote_domain",
    title="remote domain",
    plural="remote domains",
    spec=RemoteDomain,
    endpoint=CmdletObjects("RemoteDomain", {"ResultSize": "Unlimited"}, _absence_notices),
    sample="""\
- microsoft365.remote_domain: Default
  auto_forward_enabled: false
""",
)
