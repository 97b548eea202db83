"""What every cloud says of a period that nobody has agreed."""

from toolkit.sdk.part import Level, Part


def undecided_part(name: str, covers: str) -> Part:
    """Leave a period to the school: nothing is written for it."""
    return Part(
        name=name,
        level=Level.MANUAL,
        covers=covers,
        reason=f"undecided: the playbook gives no period, and toolkit guesses none: agree one in the retention "
        f"schedule, and write it as `{name}: 7 years`",
    )
