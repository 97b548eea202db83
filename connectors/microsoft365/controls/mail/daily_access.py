"""Whether mail is looked at is counted by check, from what the tenant's own report shows."""

from typing import cast

from toolkit.controls.mail.daily_access import DailyAccess
from toolkit.tenant.part import Context, Level, Part, Realisation


def realise(settings: object, context: Context) -> Realisation:  # noqa: ARG001 - nothing is set for anybody
    """Count, once an impact assessment covers it."""
    covered = cast(DailyAccess, settings).dpia
    return Realisation(
        (
            Part(
                name="mail opened each working day",
                level=Level.CHECKED if covered else Level.UNAVAILABLE,
                covers="how many opened their mail of late, by the report on use that the tenant keeps",
                reason="`toolkit check` counts and names nobody"
                if covered
                else "off until `dpia:` names the impact assessment that covers it",
                limits=("the report is some days old, and says nothing of mail programs that it does not count",),
            ),
        )
    )
