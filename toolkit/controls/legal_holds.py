"""The checks and findings about legal holds that all clouds share."""

from collections.abc import Mapping, Sequence

from toolkit.controls.data import Ediscovery, Hold
from toolkit.sdk import Count, Finding, Measurement, Part, ReasonCode, Share, Status, manual, same_words

WHO = "who may place and release holds"
_NO_MAILBOX = ReasonCode(
    "no_mailbox_to_look_at",
    admin="no one in this control's audience has a mailbox here",
    governor="none of the people this is for has a mailbox",
)
_HOLDABLE = same_words(
    "mailboxes_holdable", "{capable} mailboxes can be held", lacking="{capable} mailboxes cannot be held"
)
_LACKING = ReasonCode(
    "mailboxes_not_holdable",
    admin="; {needs} is missing for: {sorts}",
    governor="; {short} of them lack the licence",
)
_WITHOUT = ReasonCode(
    "people_without_mailbox",
    admin="; {without} of the people in this control's audience {has} no mailbox here",
    governor="; people this is for who have no mailbox: {without}",
)


def hold_posts_part(settings: Hold, where: str) -> Part:
    """Return the check, made by hand, of who can place and release holds."""
    return manual(
        WHO,
        f"requested by: {_join_posts(settings.may_place, 'or')}; released by two of: "
        f"{_join_posts(settings.may_release, 'and')}",
        f"no service knows who has which post, so check that no one else can place or release a hold: {where}",
        "a person whom a hold is about must not take part, whatever their post is",
    )


EXPORT = "search and export by two people"


def export_part(settings: Ediscovery, where: str) -> Part:
    """Return the check, made by hand, that two people search and export together in the cloud's console."""
    return manual(
        EXPORT,
        f"requested by: {_join_posts(settings.may_ask, 'or')}; exported by two of: "
        f"{_join_posts(settings.may_export, 'and')}",
        f"two people check the search together before they export it: {where}. They record who requested it, who "
        "exported it, the date, the size of each file, and when the copy is deleted",
        "a person whom a case is about must not take part, whatever their post is",
        "a synchronised folder makes a second copy, so download to an encrypted USB stick or disk",
    )


class HoldableMailboxes(Measurement):
    """Counts of mailboxes that can and cannot be put on hold, and of people without a mailbox on this cloud."""

    can_be_held: int
    mailboxes: int
    cannot: Mapping[str, int]
    without: int

    @property
    def count(self) -> Count:
        """Return the number of mailboxes that can be put on hold."""
        return Count(self.can_be_held, self.can_be_held)


def holdable_mailboxes_finding(
    subject: str, *, capable: int, lacking: Sequence[str], without: int, needs: str
) -> Finding:
    """Return the finding about mailboxes that can be put on hold.

    `lacking` lists the types of the other mailboxes, one for each mailbox.
    """
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
