"""Message encryption in Exchange. Licences with rights management include it."""

from typing import Annotated, ClassVar

from connectors.microsoft365.builtin_objects import ONLY, READ_BY_ALL_READERS, LicensedSingleton, Product, exchange_kind
from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from connectors.microsoft365.permissions import graph
from toolkit.sdk import (
    FLAG,
    Effect,
    NameRules,
    Properties,
    Setting,
    Spec,
    Switch,
    declare,
    declare_effects,
    switches_off,
    switches_on,
)


class MessageEncryption(Spec):
    """The settings of rights management in Exchange.

    The sender or a mail rule decides whether a message is encrypted.
    """

    effects = declare_effects(
        {
            **dict.fromkeys(
                ("azure_rms_licensing", "internal_licensing_enabled"),
                Effect("people in the school can no longer open encrypted messages", switches_off),
            ),
            "simplified_client_access_enabled": Effect(
                "Outlook on the web no longer shows the Encrypt button", switches_off
            ),
            "decrypt_attachment_for_encrypt_only": Effect(
                "attachments of encrypted messages can no longer be saved unencrypted", switches_off
            ),
            "enable_pdf_encryption": Effect("PDF files in encrypted messages open only after a sign-in", switches_on),
        }
    )

    properties: ClassVar[Properties] = Properties(ignored=IGNORED, defaults=DEFAULTS)

    azure_rms_licensing: Annotated[bool, Setting(FLAG, wire="AzureRMSLicensingEnabled")] = declare(
        "Lets Exchange use the school's rights management.", default=True
    )
    internal_licensing_enabled: Switch = declare("Lets people in the school open protected messages.", default=True)
    simplified_client_access_enabled: Switch = declare("Shows the Encrypt button in Outlook on the web.", default=False)
    decrypt_attachment_for_encrypt_only: Switch = declare(
        "Lets recipients of an encrypted message save its attachments unencrypted.", default=False
    )
    enable_pdf_encryption: Switch = declare("Also encrypts attached PDF files.", default=False)


KIND = exchange_kind(
    "IRMConfiguration",
    "Information Rights Management",
    (*READ_BY_ALL_READERS, graph("Organization.Read.All")),
    name="message_encryption",
    title="message encryption",
    spec=MessageEncryption,
    endpoint=LicensedSingleton(
        "IRMConfiguration",
        Product("message encryption", frozenset({"RMS_S_ENTERPRISE", "RMS_S_PREMIUM", "RMS_S_PREMIUM2"})),
    ),
    sample="""\
- microsoft365.message_encryption:
  simplified_client_access_enabled: true
""",
    names=NameRules(only=ONLY),
)
