"""The states of a finding, and how findings end."""

from enum import StrEnum


class FindingState(StrEnum):
    """The state of a finding."""

    OPEN = "open"
    CONTESTED = "contested"  # changed again after each of our repairs
    FIXED = "fixed"


class Ending(StrEnum):
    """Why a finding is none any more."""

    REPAIRED = "repaired"  # by a run of ours
    TENANT = "tenant"  # in the tenant, by somebody else
    ACCEPTED = "accepted"  # an exception in the playbooks lets it be for some time
    PLAYBOOK = "playbook"  # the playbooks do not ask for it any more, or leave it
    OTHERWISE = "otherwise"  # the finding is gone, and its object differs in another way
    AS_WANTED = "as_wanted"  # the desired and the observed value agree again, and it is unknown which of them changed
