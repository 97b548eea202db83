"""The mark of what is ours: a sentence in a policy's comment, and in it our name where the policy has another.

Retention policies cannot be renamed, so that one which is adopted keeps the name that it was made with.
"""

import re

from toolkit.sdk.resource import Remote
from toolkit.sdk.shapes import text
from toolkit.values import Body

MARK = "Managed by toolkit from the school's playbooks"
_SENTENCE = re.compile(re.escape(MARK) + r'(?: as "(.+)")?\.')


def is_ours(remote: Remote) -> bool:
    """Say whether a policy bears the mark."""
    return is_marked(remote.body)


def is_marked(policy: Body) -> bool:
    return _SENTENCE.search(_comment(policy)) is not None


def name_of(policy: Body) -> str:
    """Give the name that the playbooks know a policy by."""
    found = _SENTENCE.search(_comment(policy))
    return (found[1] if found else None) or text(policy["Name"])


def words_of(policy: Body) -> str:
    """Give what people wrote, before the mark and after it."""
    return "\n\n".join(part for part in map(str.strip, _SENTENCE.sub("\n", _comment(policy)).split("\n\n")) if part)


def commented(policy: Body, words: str | None, name: str) -> str:
    """Give the comment of a policy of ours that bears a name; without new words those that it has stay."""
    called = "" if name.casefold() == str(policy["Name"]).casefold() else f' as "{name}"'
    return "\n\n".join(part for part in (said(policy, words), f"{MARK}{called}.") if part)


def said(policy: Body, words: str | None) -> str:
    """Give the comment of a policy without the mark; without new words those that it has stay."""
    return words_of(policy) if words is None else words


def _comment(policy: Body) -> str:
    return text(policy.get("Comment"))
