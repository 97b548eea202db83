"""A person whose account or mailbox cannot be opened, while everybody else's can."""

from toolkit.errors import ServiceError


class PersonUnreadable(ServiceError):
    """Nothing can be read or set for one person; the text says why, and holds for nobody else."""
