"""Record a freeze of a school in the ledger of each tenant that the school is in, and end it early."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from toolkit.engine.prepare_run import new_run_id, open_ledger
from toolkit.errors import LedgerError, UsageError
from toolkit.ledger.school_parts import SchoolFreeze
from toolkit.messages import did_you_mean, quoted
from toolkit.settings.settings import Settings
from toolkit.trust.freezes import ALL, TrustFreeze, freeze_of, read_freezes
from toolkit.trust.session import TrustSession


def record_freeze(session: TrustSession, freeze: TrustFreeze) -> None:
    """Record a freeze. It replaces an earlier freeze of the same school.

    Raise UsageError if the school is unknown, or if the settings of a tenant cannot be used.
    """
    _append(session, freeze.school, freeze.at, until=freeze.until, by=freeze.by, reason=freeze.reason)


def end_freeze(session: TrustSession, school: str, by: str, at: datetime) -> None:
    """End the freeze of a school, or of all schools, before its date. Raise UsageError if there is none."""
    today = at.astimezone(session.trust.zone).date()
    settings = _settings_of_tenants(session, school)
    freezes = [freeze for own in settings.values() for freeze in read_freezes(own, session.state, today)]
    if not any(freeze.school == school for freeze in freezes):
        if school == ALL:
            raise UsageError("there is no freeze for all schools")
        shared = freeze_of(freezes, [])
        advice = f": {shared.text()}. `toolkit trust take-back {ALL}` ends that freeze" if shared else ""
        raise UsageError(f"{school} has no freeze of its own{advice}")
    _append(session, school, at, until=None, by=by, reason="")


def _append(session: TrustSession, school: str, at: datetime, *, until: date | None, by: str, reason: str) -> None:
    entry = SchoolFreeze(run=new_run_id(), at=at, school=school, until=until, by=by, reason=reason, schools=(school,))
    recorded: list[str] = []
    for tenant, settings in _settings_of_tenants(session, school).items():
        members = tuple(session.schools_of(tenant)) if school == ALL else (school,)
        try:
            with open_ledger(settings) as ledger:
                ledger.append(replace(entry, schools=members))
        except LedgerError as error:
            done = f"It is recorded for {', '.join(recorded)}" if recorded else "Nothing was recorded"
            raise LedgerError(f"the ledger of {tenant}: {error}. {done}. Run the command again") from error
        recorded.append(tenant)


def _settings_of_tenants(session: TrustSession, school: str) -> Mapping[str, Settings]:
    """Return the settings of each tenant that a school is in, by tenant, so that no ledger is written before all."""
    names: Sequence[str] = list(session.trust.tenants)
    if school != ALL:
        if school not in session.trust.schools:
            hint = did_you_mean(school, [ALL, *session.trust.schools])
            raise UsageError(f"{quoted(school)} is not a school of the trust{hint}")
        names = [name for name in names if name in session.trust.schools[school].tenants]
    return {name: session.settings_of(name) for name in names}
