"""What is only compared since the tenant has not shown yet what it rests on, as text and as JSON."""

from collections.abc import Iterator, Sequence

from toolkit.planning.plan import UnverifiedChanges
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted
from toolkit.values import Body


def unverified_lines(unverified: Sequence[UnverifiedChanges]) -> Iterator[Line]:
    """Say in a line for each fact what is only compared until a tenant has shown it, and how to have that shown."""
    for one in unverified:
        kinds = sorted({address.of_kind for address in one.addresses})
        writes = " or ".join(f"`toolkit apply --unverified {kind}`" for kind in kinds)
        ways = ["run `toolkit doctor --first-run`"] if one.fact.settle else []
        ways += [f"write one with {writes}"] if one.fact.shown_by_write or not one.fact.settle else []
        number = counted(len(one.addresses), "change")
        yield Line(
            f"! {number} of {' and '.join(kinds)} only compared: not verified on this tenant that {one.fact.says} "
            f"({one.fact.name}); {', or '.join(ways)}",
            Tone.WARNING,
        )


def unverified_answer(unverified: Sequence[UnverifiedChanges]) -> list[Body]:
    """Give the same as JSON."""
    return [
        {
            "provider": one.provider,
            "fact": one.fact.name,
            "says": one.fact.says,
            "settled_by": "read" if one.fact.settle else "write",
            "kinds": sorted({address.of_kind for address in one.addresses}),
            "changes": len(one.addresses),
        }
        for one in unverified
    ]
