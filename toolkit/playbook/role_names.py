"""Find the role of the school file that an operator names on a command line."""

from toolkit.errors import UsageError
from toolkit.messages import closest, one_of, quoted
from toolkit.school.school import School

CLAIMED = "as claimed by the operator"
"""The remark on a role that a person typed and no one checked."""


def role_words(role: str) -> str:
    """Return a role in the form for comparison: head_teacher and Head Teacher are equal."""
    return " ".join(role.replace("_", " ").replace("-", " ").casefold().split())


def claimed_role(option: str, written: str, school: School) -> str:
    """Return a role as the school file writes it. Raise UsageError if the file does not have the role."""
    roles = {role_words(role): role for role in (*school.roles, *school.offices, *school.approvers)}
    if role := roles.get(role_words(written)):
        return role
    meant = closest(written, roles.values())
    perhaps = f": did you mean `{meant}`?" if meant else "."
    raise UsageError(
        f"{option}: {quoted(written)} is not a role of {school.origin.path}{perhaps} Its roles are "
        f"{one_of(dict.fromkeys(roles.values()), 'and')}; another role can be added there under `offices:`"
    )
