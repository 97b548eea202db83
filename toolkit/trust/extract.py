"""Make an extract of a tenant's ledger for a school of a trust."""

import os
from collections.abc import Sequence
from pathlib import Path

from toolkit.engine.prepare_run import new_run_id, open_ledger, open_target
from toolkit.errors import UsageError
from toolkit.ledger.school_extract import ExtractSubject, write_extract
from toolkit.ledger.school_words import words_of
from toolkit.settings.settings import Settings
from toolkit.trust.load import load_trust
from toolkit.trust.slices import choose_tenant, load_tenant
from toolkit.trust.tenant_settings import settings_of_tenant
from toolkit.values import Body


def extract_for_school(path: Path, schools: Sequence[str], tenant: str | None, settings: Settings) -> Body:
    """Return the part of a tenant's ledger that concerns one school, and record that it was made.

    Raise UsageError without exactly one school, for an unknown name, or if the ledger has no entry.
    """
    trust = load_trust(path)
    if len(schools) != 1:
        raise UsageError(f"{trust.origin.path}: an extract is for one school. Add --school NAME")
    (school,) = schools
    name = choose_tenant(trust, tenant, schools)
    own = settings_of_tenant(settings, path, tenant, schools, os.environ)
    playbooks = load_tenant(trust, name, schools)
    with open_ledger(own) as ledger:
        if not ledger.exists():
            raise UsageError(f"the ledger of {name} has no entries yet, so there is nothing to extract")
        with open_target(own, playbooks.school) as (_, now):
            subject = ExtractSubject(trust=trust.name, school=school, name=trust.schools[school].name, tenant=name)
            return write_extract(ledger, subject, words_of(school, playbooks.slices.schools), new_run_id(), now)
