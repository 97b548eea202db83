"""Automatic forwarding on Google: the console's switch is looked at, what people set up is undone one by one."""

from connectors.google_workspace.controls.targets import group_limit, left_out, of_each_person, setting
from toolkit.controls.mail.autoforward_block import AutoforwardBlock
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

_NOTHING_LEAVES = {"auto_forwards_outside": False, "filters_outside": None, "addresses_outside": None}


def realise(settings: AutoforwardBlock, context: ControlContext) -> Realisation:  # noqa: ARG001 - nobody is told why on Google
    """Close what each person has open; the switch that keeps it closed is the console's."""
    return Realisation(
        (
            Part(
                name="forwarding of each person",
                level=Level.ENFORCED,
                covers="forwarding of all mail, filters that forward, and forwarding addresses, to outside the school",
                limits=("what a mail program forwards by itself is not seen", *left_out(context)),
                resources=of_each_person("forwarding", context, _NOTHING_LEAVES),
            ),
            Part(
                name="switch of the organisation",
                level=Level.CHECKED,
                covers="whether people may turn automatic forwarding on again",
                reason="the console holds it: Apps > Google Workspace > Gmail > End User Access > Automatic forwarding",
                limits=group_limit(context),
                resources=(setting("gmail.auto_forwarding", context, {"enable_auto_forwarding": False}),),
            ),
        )
    )
