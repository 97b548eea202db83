"""The possible states of a drift finding, and the reasons why a finding ends."""

from enum import StrEnum


class FindingState(StrEnum):
    """The state of a drift finding: its status and, if it has ended, the reason."""

    OPEN = "open"
    CONTESTED = "contested"  # changed again after each of our repairs
    FIXED = "fixed"


class Ending(StrEnum):
    """The possible reasons why a drift finding ended."""

    REPAIRED = "repaired"  # by a run of ours
    TENANT = "tenant"  # by another administrator in the tenant
    ACCEPTED = "accepted"  # accepted for some time in the playbooks
    PLAYBOOK = "playbook"  # the playbooks no longer ask for it
    OTHERWISE = "otherwise"  # its object now differs in another way
    AS_WANTED = "as_wanted"  # the desired and the observed value agree again, and it is unknown which of them changed
