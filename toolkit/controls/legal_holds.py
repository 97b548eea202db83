"""Checks and parts of legal holds that every cloud has."""

from collections.abc import Mapping, Sequence

from toolkit.controls.data import Ediscovery, Hold
from toolkit.sdk import Count, Finding, Measurement, Part, ReasonCode, Share, Status, manual, same_words

WHO = "who may place and release holds"
_NO_MAILBOX = ReasonCode(
    "no_mailbox_to_look_at",
    admin="none of those that this is for has a mailbox to look at",
    governor="no one whom this is for has a mailbox to check",
)
_HOLDABLE = same_words(
    "mailboxes_holdable", "{capable} mailboxes can be held", lacking="{capable} mailboxes cannot be held"
)
_LACKING = ReasonCode(
    "mailboxes_not_holdable",
    admin="; {needs} is missing for {sorts}",
    governor="; the licence for it is missing for {short} of them",
)
_WITHOUT = ReasonCode(
    "people_without_mailbox",
    admin="; {without} of those that this is for {has} no mailbox here",
    governor="; people whom this is for without a mailbox here: {without}",
)


def who_part(settings: Hold, where: str) -> Part:
    """Return the manual part that the posts in the playbook have the rights for holds."""
    return manual(
        WHO,
        f"placed for: {_join_posts(settings.may_place, 'or')}; "
        f"released by two of: {_join_posts(settings.may_release, 'and')}",
        f"no service knows who has which post: check that no one else can place or end a hold, {where}",
        "the person a hold is about has no say in it, whatever their post is",
    )


EXPORT = "search and export by two people"


def export_part(settings: Ediscovery, where: str) -> Part:
    """Return the manual part for a search and its export by two people in the console, which a run never does."""
    return manual(
        EXPORT,
        f"asked for: {_join_posts(settings.may_ask, 'or')}; "
        f"exported by two of: {_join_posts(settings.may_export, 'and')}",
        f"two people sit together and both look at the search before it is exported: {where}; they note who "
        "asked, who exported, when, and the size of each file, and when the copy is deleted",
        "the person whom a case is about has no part in it, whatever their post is",
        "a copy in a folder that is synchronised is a second copy: download to an encrypted stick or disk",
    )


class HoldableMailboxes(Measurement):
    """Counts of mailboxes that can be held, of others by type, and of people without a mailbox."""

    can_be_held: int
    mailboxes: int
    cannot: Mapping[str, int]
    without: int

    @property
    def count(self) -> Count:
        """Return how many can be held. The verdict does not have the number of all mailboxes."""
        return Count(self.can_be_held, self.can_be_held)


def holdable(subject: str, *, capable: int, lacking: Sequence[str], without: int, needs: str) -> Finding:
    """Return the finding about mailboxes that can be held. `lacking` has the type of each mailbox that cannot."""
    checked = capable + len(lacking)
    sorts = {sort: lacking.count(sort) for sort in sorted(set(lacking))}
    measurement = HoldableMailboxes(can_be_held=capable, mailboxes=checked, cannot=sorts, without=without)
    if not checked:
        return Finding(subject, Status.UNKNOWN, _NO_MAILBOX(), measurement=measurement)
    listed = ", ".join(f"{number} {sort}" for sort, number in sorts.items())
    people, has = Share(without, checked + without, alone=True), "has" if without == 1 else "have"
    reason = _HOLDABLE(capable=Share(capable, checked)).then(
        _LACKING(needs=needs, sorts=listed, short=Share(len(lacking), checked, alone=True)) if lacking else None,
        _WITHOUT(without=people, has=has) if without else None,
    )
    return Finding(subject, Status.FAIL if lacking else Status.PASS, reason, measurement=measurement)


def _join_posts(posts: Sequence[str], word: str) -> str:
    *others, last = posts
    return f"{', '.join(others)} {word} {last}" if others else last
