"""Dangerous attachments, stopped by mail rules and by the malware policies' list of file types."""

from collections.abc import Mapping

from connectors.microsoft365.controls.targets import received_by, sparing_protected
from toolkit.controls.mail.attachment_block import AttachmentBlock
from toolkit.sdk.address import EVERY
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource
from toolkit.values import Json

PILOTS = True
_BY_CONTENT = "School attachments: executable content"
_BY_NAME = "School attachments: extensions"


def realise(wanted: AttachmentBlock, context: ControlContext) -> Realisation:
    """Use two rules, since the conditions of one would all have to hold at once."""
    common: Mapping[str, Json] = {**received_by(context), **sparing_protected(context), **_action(wanted)}
    extensions: list[Json] = [extension.lower() for extension in wanted.extensions]
    rules = Part(
        name="mail rules",
        level=Level.ENFORCED,
        covers="messages with executable content or with a forbidden extension, also inside archives",
        limits=("archives with a password cannot be looked into and pass", *_spared(context)),
        resources=(
            Resource("transport_rule", _BY_CONTENT, {"attachment_has_executable_content": True, **common}),
            Resource("transport_rule", _BY_NAME, {"attachment_extension_matches_words": extensions, **common}),
        ),
        pilots=True,
    )
    policy = Part(
        name="malware policies",
        level=Level.ENFORCED,
        covers="the file types in every malware policy that the tenant has",
        limits=("preset security policies outrank these policies",),
        resources=(
            Resource(
                "malware_filter_policy",
                EVERY,
                {"enable_file_filter": True, "file_types": {"contains": ["exe", *extensions]}},
            ),
        ),
    )
    return Realisation((rules, policy))


def _action(wanted: AttachmentBlock) -> Mapping[str, Json]:
    if wanted.act == "quarantine":
        return {"quarantine": True}
    return {"reject_message_reason_text": wanted.reason, "reject_message_enhanced_status_code": "5.7.1"}


def _spared(context: ControlContext) -> tuple[str, ...]:
    return ("protected mailboxes are left out of the rules",) if context.protected else ()
