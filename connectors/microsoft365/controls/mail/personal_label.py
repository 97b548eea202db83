"""The label of personal mail: recognised and stamped where it is there; whether it is missing, people judge."""

from connectors.microsoft365.controls.targets import sent_by
from toolkit.controls.mail.personal_label import PersonalLabel
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource

PILOTS = True


def realise(wanted: PersonalLabel, context: ControlContext) -> Realisation:
    """Stamp labelled messages, so that they can be counted and left out of content sampling."""
    rule = Resource(
        "transport_rule",
        "School personal label",
        {
            **sent_by(context),
            "subject_matches_patterns": [rf"^\W*{label.lower()}(\W|$)" for label in wanted.labels],
            "set_header_name": "X-School-Personal",
            "set_header_value": "yes",
        },
    )
    return Realisation(
        (
            Part(
                name="labelled mail",
                level=Level.ENFORCED,
                covers="stamps a header on sent mail whose subject begins with the label",
                resources=(rule,),
                pilots=True,
            ),
            Part(
                name="mail without the label",
                level=Level.MANUAL,
                covers="personal mail that does not say so",
                reason="no service can tell that an unlabelled message is personal; people confirm it",
            ),
        )
    )
