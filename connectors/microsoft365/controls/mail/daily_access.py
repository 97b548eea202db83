"""Whether mail is looked at is counted by check, from what the tenant's own report shows."""

from toolkit.controls.mail.daily_access import DailyAccess
from toolkit.controls.mail_usage import opened_part
from toolkit.sdk.part import ControlContext, Realisation


def realise(settings: DailyAccess, context: ControlContext) -> Realisation:  # noqa: ARG001 - nothing is set for anybody
    """Count, once an impact assessment covers it."""
    return Realisation((opened_part(settings),))
