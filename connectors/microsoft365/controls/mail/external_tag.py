"""The mark on mail from outside, as Outlook itself shows it."""

from toolkit.controls.mail.external_tag import ExternalTag
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource
from toolkit.values import Json


def realise(wanted: ExternalTag, context: ControlContext) -> Realisation:  # noqa: ARG001 - the tag knows no audience
    """Turn the native tag on; it leaves subjects and text alone."""
    trusted: dict[str, Json] = {"allow_list": list(wanted.trusted)} if wanted.trusted else {}
    part = Part(
        name="native tag",
        level=Level.ENFORCED,
        covers="mail from outside in Outlook for everyone in the tenant",
        limits=("mail programs other than Outlook do not show it",),
        resources=(Resource("external_in_outlook", "organisation", {"enabled": True, **trusted}),),
    )
    return Realisation((part,))
