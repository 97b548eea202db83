"""Remote domains: what may be sent by itself to a domain of others; the one named Default is for every other domain."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from connectors.microsoft365.audit_log import in_exchange
from connectors.microsoft365.builtin_objects import CmdletObjects
from connectors.microsoft365.exchange.properties import DEFAULTS, IGNORED
from connectors.microsoft365.permissions import EXCHANGE, administrator, global_reader
from toolkit.sdk.form import FLAG, NUMBER, TEXT, Form
from toolkit.sdk.kind import Kind
from toolkit.sdk.permission import Permissions
from toolkit.sdk.properties import Properties
from toolkit.sdk.spec import Setting, Spec, Wire
from toolkit.values import Body, Json, Value

_Switch: TypeAlias = Annotated[bool, Setting(FLAG)]


def _width(value: Json) -> Value:
    """Read a number of characters as the text that it is compared by, or Unlimited."""
    return TEXT.read(value if value in (None, "", "Unlimited") else str(int(str(value))))


_WIDTH = Form("number of characters, or Unlimited", _width)
_CharacterSet: TypeAlias = Annotated[str | None, Field(min_length=1), Setting(TEXT)]


class RemoteDomain(Spec):
    """What goes to one domain, and how it is written."""

    properties: ClassVar[Properties] = Properties(
        ignored={**IGNORED, "DomainName": "says which domain it is; the name of the object says that too"},
        defaults={**DEFAULTS, "MessageCountThreshold": 2147483647},
        narrowing=frozenset(),
    )

    auto_forward_enabled: _Switch = Field(
        default=True, description="Says whether mail that a mailbox forwards by itself may go there.", examples=[False]
    )
    auto_reply_enabled: _Switch = Field(
        default=True, description="Says whether automatic replies that are not absence notices may go there."
    )
    allowed_oof_type: Annotated[
        Literal["External", "InternalLegacy", "ExternalLegacy", "None"], Setting(TEXT), Wire("AllowedOOFType")
    ] = Field(
        default="External",
        description="Says which absence notices may go there: those for outsiders, those for colleagues (for a domain "
        "of our own), either with those of old clients, or none.",
    )
    delivery_report_enabled: _Switch = Field(
        default=True, description="Says whether receipts of delivery may go there."
    )
    ndr_enabled: Annotated[_Switch, Wire("NDREnabled")] = Field(
        default=True, description="Says whether senders there are told when their mail could not be delivered."
    )
    ndr_diagnostic_info_enabled: Annotated[_Switch, Wire("NDRDiagnosticInfoEnabled")] = Field(
        default=True, description="Says whether such a notice shows names of servers and other details."
    )
    meeting_forward_notification_enabled: _Switch = Field(
        default=False, description="Says whether organisers there are told when somebody passes an invitation on."
    )
    display_sender_name: _Switch = Field(default=True, description="Says whether our people's names are shown there.")
    use_simple_display_name: _Switch = Field(
        default=False, description="Shows our people there by the simple form of their names."
    )
    is_internal: _Switch = Field(default=False, description="Treats people there as people of the organisation.")
    target_delivery_domain: _Switch = Field(
        default=False, description="Uses the domain for the addresses of mailboxes that live in another organisation."
    )
    trusted_mail_inbound_enabled: _Switch = Field(
        default=False, description="Lets mail from there past the spam filter; leave it off."
    )
    trusted_mail_outbound_enabled: _Switch = Field(
        default=False, description="Marks mail to there as trusted, for an organisation that shares a server with ours."
    )
    tnef_enabled: Annotated[bool | None, Setting(FLAG), Wire("TNEFEnabled")] = Field(
        default=None,
        description="Sends rich text there in Outlook's own form, which arrives elsewhere as winmail.dat; null leaves "
        "it to each sender.",
        examples=[False],
    )
    content_type: Annotated[Literal["MimeHtmlText", "MimeText", "MimeHtml"], Setting(TEXT)] = Field(
        default="MimeHtmlText", description="Says in which form mail goes there: as it was written, as text, as HTML."
    )
    character_set: _CharacterSet = Field(
        default=None, description="Names the character set of mail that says none.", examples=["iso-8859-1"]
    )
    non_mime_character_set: _CharacterSet = Field(
        default=None, description="Names the character set of mail without MIME.", examples=["iso-8859-1"]
    )
    required_charset_coverage: Annotated[int | None, Field(ge=0, le=100), Setting(NUMBER)] = Field(
        default=None,
        description="Says how many characters in a hundred a character set must have to be used.",
        examples=[95],
    )
    line_wrap_size: Annotated[Literal["Unlimited"] | Annotated[int, Field(ge=0, le=132)], Setting(_WIDTH)] = Field(
        default="Unlimited", description="Breaks lines after so many characters, 0 to 132, or never.", examples=[76]
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
    ] = Field(default="Undefined", description="Says how seven-bit text is encoded on its way there.")
    preferred_internet_code_page_for_shift_jis: Annotated[
        Literal["Undefined", "Iso2022Jp", "Esc2022Jp", "Sio2022Jp"], Setting(TEXT)
    ] = Field(default="Undefined", description="Says how Japanese text is encoded on its way there.")


def _absence_notices(before: Body, sent: Body) -> Body:
    """Keep the kind of absence notices: Exchange sets ExternalLegacy when a domain stops being internal."""
    kept = sent.get("AllowedOOFType", before.get("AllowedOOFType"))
    stops = before.get("IsInternal") is True and sent.get("IsInternal") is False
    return {"AllowedOOFType": kept} if stops and kept != "InternalLegacy" else {}


KIND = Kind(
    name="remote_domain",
    title="remote domain",
    plural="remote domains",
    spec=RemoteDomain,
    endpoint=CmdletObjects("RemoteDomain", {"ResultSize": "Unlimited"}, _absence_notices),
    reference="https://learn.microsoft.com/powershell/module/exchange/set-remotedomain",
    permissions=Permissions(
        read=global_reader("View-Only Configuration"),
        write=administrator(EXCHANGE, "Remote and Accepted Domains"),
    ),
    settles=10.0,
    fixed=True,
    logged=in_exchange("RemoteDomain"),
    sample="""\
- microsoft365.remote_domain: Default
  auto_forward_enabled: false
""",
)
