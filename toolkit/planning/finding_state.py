"""What becomes of a finding of drift: how it is recorded, and why it ends."""

from enum import StrEnum


class FindingState(StrEnum):
    """What is known of a finding."""

    OPEN = "open"
    CONTESTED = "contested"  # changed again after each of our repairs
    FIXED = "fixed"


class Ending(StrEnum):
    """Why a finding is none any more."""

    REPAIRED = "repaired"  # by a run of ours
    TENANT = "tenant"  # in the tenant, by somebody else
    ACCEPTED = "accepted"  # an exception in the playbooks lets it be for some time
    PLAYBOOK = "playbook"  # the playbooks do not ask for it any more, or leave it
    AS_WANTED = "as_wanted"  # what is wanted and what is there agree again, and nothing says which of them moved
