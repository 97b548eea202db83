"""Match a role that the operator typed with the roles of the school file."""

from toolkit.errors import UsageError
from toolkit.messages import closest, one_of, quoted
from toolkit.school.school import School

CLAIMED = "as claimed by the operator"
"""The remark about a role that the operator typed and no one verified."""


def normalise_role(role: str) -> str:
    """Return a role in a form for comparison, in which head_teacher and Head Teacher are equal."""
    return " ".join(role.replace("_", " ").replace("-", " ").casefold().split())


def claimed_role(option: str, written: str, school: School) -> str:
    """Return the typed role in the spelling of the school file. Raise UsageError if the file does not have the role."""
    roles = {normalise_role(role): role for role in (*school.roles, *school.offices, *school.approvers)}
    if role := roles.get(normalise_role(written)):
        return role
    meant = closest(written, roles.values())
    perhaps = f": did you mean `{meant}`?" if meant else "."
    raise UsageError(
        f"{option}: {quoted(written)} is not a role of {school.origin.path}{perhaps} Its roles are "
        f"{one_of(dict.fromkeys(roles.values()), 'and')}. Other roles can be added under `offices:`"
    )
