"""The label of personal mail on Google: a DLP rule records it; whether it is missing, people judge."""

from connectors.google_workspace.controls.targets import group_limit, unit_of
from toolkit.controls.mail.personal_label import PersonalLabel
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource

NAME = "School personal label"


def realise(wanted: PersonalLabel, context: ControlContext) -> Realisation:
    """Record labelled messages and let them pass, so that they can be counted."""
    labels = "|".join(label.lower() for label in wanted.labels)
    detector = Resource("detector", NAME, {"expression": rf"(?im)^subject:\W*({labels})(\W|$)"})
    rule = Resource(
        "dlp_rule",
        NAME,
        {
            "unit": unit_of(context),
            "triggers": ["gmail.email.v1.send"],
            "condition": f"all_headers.matches_regex_detector('{NAME}')",
            "gmail_action": "audit",
            "gmail_external": True,
            "gmail_internal": True,
        },
    )
    return Realisation(
        (
            Part(
                name="labelled mail",
                level=Level.ENFORCED,
                covers="records in the rule log that a sent message has the label in its subject",
                limits=("data protection rules need an edition that has them", *group_limit(context)),
                resources=(detector, rule),
            ),
            Part(
                name="mail without the label",
                level=Level.MANUAL,
                covers="personal mail that does not say so",
                reason="no service can tell that an unlabelled message is personal; people confirm it",
            ),
        )
    )
