"""A small school for the tests of the API."""

from tests.door import Door
from toolkit import api

POLICY = """\
policy: small
section: Small
owner: Head Teacher
document: {title: The policy, ratified: 2026-05-18, review_due: 2027-05-18}
clauses:
  - {clause: EML-04, says: Mail is polite., class: people, place: {paragraph: 1, begins: Be polite}}
"""
PLAYBOOK = """\
playbook: mail
title: Mail
owner: Head Teacher
resources:
  - microsoft365.transport_rule: Disclaimer
    from_scope: NotInOrganization
    prepend_subject: "[outside] "
"""


def settings_of(door: Door, **variables: str) -> api.Settings:
    return api.read_settings(door.playbooks, {**door.variables, **variables})


def agree(report: api.Report) -> bool:
    return report is not None


def recorded_commands(door: Door) -> list[str]:
    """Return the commands in the ledger, the oldest first."""
    return [run["command"] for run in reversed(door("audit", "log", "--json").json["runs"])]
