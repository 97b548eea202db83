"""Remote domains: which automatic mail may be sent to another domain. The domain Default covers all others."""

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


def _read_line_length(value: Json) -> Value:
    """Return the length of a line, a number of characters or Unlimited, as text."""
    if value in (None, "", "Unlimited"):
        return TEXT.read(value)
    if not str(value).isdecimal():
        raise ValueError(f"{value!r} is not a number of characters")
    return str(int(str(value)))


_LINE_LENGTH = Form("number of characters, or Unlimited", _read_line_length)
_CharacterSet: TypeAlias = Annotated[str | None, Field(min_length=1), Setting(TEXT)]


class RemoteDomain(Spec):
    """The settings for automatic mail to a domain, and for the format of mail."""

    effects = declare_effects(
        {
            "auto_forward_enabled": Effect("automatic forwarding to outside addresses stops", switches_off),
            "auto_reply_enabled": Effect("automatic replies to people outside stop", switches_off, meets_outside=True),
            "allowed_oof_type": Effect(
                "absence notices to people outside stop", becomes("None", "InternalLegacy"), meets_outside=True
            ),
            "delivery_report_enabled": Effect("senders outside no longer get delivery receipts", switches_off),
            "ndr_enabled": Effect(
                "senders outside are no longer notified that their mail was not delivered", switches_off
            ),
            "meeting_forward_notification_enabled": Effect(
                "organisers outside are no longer notified that an invitation was forwarded", switches_off
            ),
            "trusted_mail_inbound_enabled": Effect("mail from the domain can be treated as spam", switches_off),
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
        ignored={**IGNORED, "DomainName": "The domain, which is also in the object's name."},
        defaults={**DEFAULTS, "MessageCountThreshold": 2147483647},
        narrowing=frozenset(),
    )

    auto_forward_enabled: Switch = declare(
        "Whether automatically forwarded mail may go to the domain.", False, default=True
    )
    auto_reply_enabled: Switch = declare(
        "Whether automatic replies other than absence notices may go to the domain.", default=True
    )
    allowed_oof_type: Annotated[
        Literal["External", "InternalLegacy", "ExternalLegacy", "None"], Setting(TEXT), Wire("AllowedOOFType")
    ] = declare(
        "Absence notices that may go to the domain: External for notices to outsiders, InternalLegacy "
        "for notices to colleagues (for a domain of our own), ExternalLegacy for notices to outsiders "
        "including old clients, or None.",
        default="External",
    )
    delivery_report_enabled: Switch = declare("Whether delivery receipts may go to the domain.", default=True)
    ndr_enabled: Annotated[Switch, Wire("NDREnabled")] = declare(
        "Whether senders in the domain are notified if their mail cannot be delivered.", default=True
    )
    ndr_diagnostic_info_enabled: Annotated[Switch, Wire("NDRDiagnosticInfoEnabled")] = declare(
        "Whether such a notice shows server names and other details.", default=True
    )
    meeting_forward_notification_enabled: Switch = declare(
        "Whether organisers in the domain are notified when an invitation is forwarded.", default=False
    )
    display_sender_name: Switch = declare("Whether recipients in the domain see our people's names.", default=True)
    use_simple_display_name: Switch = declare(
        "Shows recipients in the domain the simple form of our people's names.", default=False
    )
    is_internal: Switch = declare("Treats people of the domain as people of the organisation.", default=False)
    target_delivery_domain: Switch = declare(
        "Uses the domain for addresses of mailboxes that are in another organisation.", default=False
    )
    trusted_mail_inbound_enabled: Switch = declare(
        "Lets mail from the domain skip the spam filter. Leave it off.", default=False
    )
    trusted_mail_outbound_enabled: Switch = declare(
        "Marks mail to the domain as trusted, for an organisation that shares a server with ours.", default=False
    )
    tnef_enabled: Annotated[bool | None, Setting(FLAG), Wire("TNEFEnabled")] = declare(
        "Sends rich text in Outlook's own format, which arrives elsewhere as winmail.dat. null leaves "
        "the format to each sender.",
        False,
    )
    content_type: Annotated[Literal["MimeHtmlText", "MimeText", "MimeHtml"], Setting(TEXT)] = declare(
        "Format of mail to the domain: as written, text, or HTML.", default="MimeHtmlText"
    )
    character_set: _CharacterSet = declare("Character set of mail that does not name one.", "iso-8859-1")
    non_mime_character_set: _CharacterSet = declare("Character set of mail without MIME.", "iso-8859-1")
    required_charset_coverage: Annotated[int | None, Field(ge=0, le=100), Setting(NUMBER)] = declare(
        "Percentage of the characters that a character set must cover to be used.", 95
    )
    line_wrap_size: Annotated[Literal["Unlimited"] | Annotated[int, Field(ge=0, le=132)], Setting(_LINE_LENGTH)] = (
        declare("Number of characters after which lines are broken, 0 to 132, or Unlimited.", 76, default="Unlimited")
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
    ] = declare("Encoding of seven-bit text to the domain.", default="Undefined")
    preferred_internet_code_page_for_shift_jis: Annotated[
        Literal["Undefined", "Iso2022Jp", "Esc2022Jp", "Sio2022Jp"], Setting(TEXT)
    ] = declare("Encoding of Japanese text to the domain.", default="Undefined")


def _repeat_absence_notices(before: Body, changes: Body) -> Body:
    """Return the setting for absence notices to send again. Exchange changes it when a domain stops being internal."""
    kept = changes.get("AllowedOOFType", before.get("AllowedOOFType"))
    stops = before.get("IsInternal") is True and changes.get("IsInternal") is False
    return {"AllowedOOFType": kept} if stops and kept != "InternalLegacy" else {}


KIND = exchange_kind(
    "RemoteDomain",
    "Remote and Accepted Domains",
    name="remote_domain",
    title="remote domain",
    plural="remote domains",
    spec=RemoteDomain,
    endpoint=CmdletObjects("RemoteDomain", {"ResultSize": "Unlimited"}, _repeat_absence_notices),
    sample="""\
- microsoft365.remote_domain: Default
  auto_forward_enabled: false
""",
)
