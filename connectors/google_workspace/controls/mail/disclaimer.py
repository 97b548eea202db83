"""The disclaimer on Google: the console's footer, which no API sets, and the text where an API reaches."""

from collections.abc import Sequence
from dataclasses import replace

from connectors.google_workspace.controls.targets import in_words, left_out, of_each_person
from toolkit.controls.mail.disclaimer import Disclaimer, visible_text
from toolkit.sdk.address import EVERY
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource

PILOTS = True
_LONGEST_FOOTER = 1000


def realise(wanted: Disclaimer, context: ControlContext) -> Realisation:
    """Name the console's footer first: it alone reaches every message."""
    parts = [_append_footer(wanted, context)]
    if "signatures" in wanted.instead:
        parts.append(_signatures(wanted, context))
    if "group_footers" in wanted.instead:
        parts.append(_group_footers(wanted, context))
    return Realisation(tuple(parts))


def _append_footer(wanted: Disclaimer, context: ControlContext) -> Part:
    inside = "with" if wanted.scope == "all" else "without"
    return Part(
        name="append footer",
        level=Level.MANUAL,
        covers="all mail that the school sends" if wanted.scope == "all" else "mail that leaves the school",
        reason="no API sets it: in the admin console, Apps > Google Workspace > Gmail > Compliance > Append footer, "
        f"for {in_words(context)}, paste the text, {inside} internal messages",
        limits=("signed and encrypted messages go without it", *_twice(wanted)),
    )


def _twice(wanted: Disclaimer) -> tuple[str, ...]:
    return ("once it is set, write instead: [], or some mail carries the text twice",) if wanted.instead else ()


def _signatures(wanted: Disclaimer, context: ControlContext) -> Part:
    return Part(
        name="signatures",
        level=Level.ENFORCED,
        covers="new mail that people write in Gmail on the web",
        limits=(
            "phones, other mail programs and replies without a signature do not carry it",
            "people can change their signature; the next run puts the text back and keeps their own",
            *left_out(context),
        ),
        resources=of_each_person("signature", context, {"text": wanted.text_file}),
        pilots=True,
    )


def _group_footers(wanted: Disclaimer, context: ControlContext) -> Part:
    text = visible_text(wanted.text_file)
    part = Part(
        name="group footers",
        level=Level.ENFORCED,
        covers="mail that is sent to one of the school's groups",
        needed=False,
        limits=("the text is plain there",),
    )
    groups = _groups(context)
    if len(text) > _LONGEST_FOOTER:
        too_long = f"the text has {len(text):,} characters, and a group's footer takes {_LONGEST_FOOTER:,}"
        return replace(part, level=Level.MANUAL, reason=too_long)
    if not groups:
        of_units = "the audience is an organisational unit, and a group has members of any unit"
        return replace(part, level=Level.MANUAL, reason=of_units)
    return replace(part, resources=tuple(Resource("group_footer", group, {"text": text}) for group in groups))


def _groups(context: ControlContext) -> Sequence[str]:
    if context.audience.everyone:
        return [EVERY]
    address = context.audience.group and context.audience.group.address
    return [address] if address and "@" in address else []
