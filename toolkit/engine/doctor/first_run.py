"""Reading what a school's tenants show of the facts that no live tenant has shown yet."""

from datetime import date

from toolkit.engine.first_run import READ, FactState, FirstRun, SeenFact, settle_facts
from toolkit.engine.prepare_run import check_credentials, new_run_id, open_target
from toolkit.engine.tenants import opened
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.connector import Identity
from toolkit.sdk.providers import facts, providers
from toolkit.sdk.reason import reason_of
from toolkit.settings.settings import Settings
from toolkit.settings.verified_file import Verification


def examine_first_run(settings: Settings, playbooks: Playbooks) -> tuple[list[SeenFact], date]:
    """Return what each fact is on the school's tenants, and keep it in the school's folder; nothing is written there.

    SignInRefused, WrongTenant and UsageError end it with nothing kept.
    """
    first, school = FirstRun.of(settings, playbooks.school), playbooks.school
    check_credentials(settings, school, Identity.READ)
    with (
        open_target(settings, school) as (target, now),
        opened(school, providers(), target, identity=Identity.READ, read_only=True) as reached,
    ):
        before = {name: first.verified(name) for name in reached.connections}
        seen = [*settle_facts(reached.connections, before, Verification(now.date(), READ, new_run_id()))]
        seen += [
            SeenFact(name, fact, FactState.UNREAD, reason=reason_of(error))
            for name, error in reached.unreached.items()
            for fact in facts(name)
        ]
    first.keep_read(seen)
    return seen, now.date()
