"""Mail from outside on Google: a warning that only the console sets, beside what Gmail itself warns of."""

from connectors.google_workspace.controls.targets import group_limit, in_words, setting
from toolkit.controls.mail.external_tag import ExternalTag
from toolkit.sdk.part import ControlContext, Level, Part, Realisation


def realise(settings: ExternalTag, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing of it can be set
    """Leave the warning to people, and look whether Gmail's own warnings of forged senders are on."""
    return Realisation(
        (
            Part(
                name="external recipient warning",
                level=Level.MANUAL,
                covers="a warning whenever somebody answers mail from outside",
                reason="no API sets it: in the admin console, Apps > Google Workspace > Gmail > End User Access > "
                f"Warn for external recipients, for {in_words(context)}",
                limits=("Gmail has no list of senders whose mail is not marked",),
            ),
            Part(
                name="warnings of forged senders",
                level=Level.CHECKED,
                covers="mail that only seems to come from the school or from somebody who works there",
                reason="the console holds it: Apps > Google Workspace > Gmail > Safety",
                limits=group_limit(context),
                resources=(
                    setting(
                        "gmail.spoofing_and_authentication",
                        context,
                        {
                            "detect_domain_name_spoofing": True,
                            "detect_employee_name_spoofing": True,
                            "detect_domain_spoofing_from_unauthenticated_senders": True,
                        },
                    ),
                ),
                needed=False,
            ),
        )
    )
