"""Controls about the school's records: what can be held, what leavers left open, and what is kept."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from connectors.microsoft365.kinds.retention_policy.policy import RetentionPolicy
from toolkit.controls.data import Ediscovery, Hold, LeaverHandover, Retention, days_of, undecided_part
from toolkit.controls.leavers import ASK_FIRST, DELAY, ENDING, FORWARDING, GROUPS, LICENCES, MAILBOXES
from toolkit.controls.legal_holds import export_part, who_part
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource, checked, manual
from toolkit.sdk.spec import UNSAID

_COUNTS = "`toolkit check` counts"
_PRIVILEGES = (
    "in Entra > Roles (Global, Exchange and Compliance Administrator) and in Purview > Settings > Roles and scopes > "
    "Role groups (eDiscovery Manager)"
)
_LIMITS = (
    "experimental: Microsoft documents this way in for its PowerShell module alone, so what is written is read back",
    "it takes up to seven days to reach everything, and keeps nothing that was deleted for good before",
)


def hold(wanted: Hold, _: ControlContext) -> Iterator[Part]:
    """Count what can be held; a person checks who may do it."""
    yield checked(
        "mailboxes that can be held",
        "whether the licence of each mailbox allows litigation hold",
        "`toolkit check` counts, and names no one",
        "litigation hold keeps mail alone: files in OneDrive are held by a case, which may take 24 hours",
    )
    yield checked(
        "eDiscovery",
        "whether eDiscovery lets in the app that checks",
        "`toolkit check` asks for one case",
        "each app is registered separately: this says nothing about the one that places holds",
    )
    yield who_part(wanted, _PRIVILEGES)
    yield _delay_part()


def _delay_part() -> Part:
    """Return the part that says whether a mailbox outlives its licence; no clause needs it."""
    what = "whether a mailbox stays for some time after its licence is taken back"
    return replace(checked(DELAY, what, "`toolkit check` reads DelayedDelicensingEnabled"), needed=False)


def ediscovery(wanted: Ediscovery, _: ControlContext) -> Iterator[Part]:
    """Check that cases can be read; two people search and export."""
    yield checked(
        "eDiscovery",
        "whether eDiscovery lets in the app that checks",
        "`toolkit check` asks for one case",
        "nothing is searched, and no name of a case is shown",
    )
    yield export_part(
        wanted,
        "mailboxes with `toolkit hold search` and `toolkit hold export`, all else in the Microsoft Purview portal, "
        "eDiscovery > Cases > the case > Searches > Create a search > Run query, then Export; the download is under "
        "Exports of the case; without A5, Purview bills what is searched and exported by an app",
    )


def leaver_handover(_settings: LeaverHandover, _: ControlContext) -> Iterator[Part]:
    """Check disabled accounts; a person checks what no list shows."""
    shared = "a mailbox that was made shared belongs to no one, and only its licence is checked"
    yield checked(LICENCES, "licences that were not taken back", _COUNTS)
    others = "whom else a mailbox is opened to is not seen"
    yield checked(MAILBOXES, "mailboxes that were not made shared", _COUNTS, others)
    yield checked(GROUPS, "groups that they are still in", _COUNTS, shared)
    rules = "rules in the mailbox are not seen"
    yield checked(FORWARDING, "mailboxes that go on forwarding", _COUNTS, shared, rules)
    yield checked(ENDING, "deleted accounts that end for good soon", _COUNTS)
    yield _delay_part()
    yield manual(
        "files of leavers",
        "files in OneDrive, and what only the leaver owned in SharePoint and Teams",
        "no list shows whom files were handed over to: in the Microsoft 365 admin centre, Users > Active users > the "
        "account > OneDrive > Get access to files, move what the school needs; OneDrive is deleted 30 days after the "
        f"account, unless set otherwise; {ASK_FIRST}",
    )


def retention(wanted: Retention, _: ControlContext) -> Iterator[Part]:
    """Keep in three policies, since Microsoft mixes Teams with nothing else; none of them deletes anything."""
    yield _kept(wanted, "mail", ("mail",), "mail in every mailbox", "public folders are left out")
    yield _kept(
        wanted,
        "files",
        ("files", "sites", "groups"),
        "files in OneDrive, SharePoint and Microsoft 365 groups",
        "files on the school's own servers and computers are not seen",
    )
    yield _kept(
        wanted,
        "chat",
        ("teams_chats", "teams_channels"),
        "chats and channel messages in Teams",
        "private channels of Teams need a policy of another sort, which toolkit does not write",
    )


def _kept(wanted: Retention, name: str, places: Collection[str], covers: str, limit: str) -> Part:
    days = days_of(getattr(wanted, name))
    if days is None:
        return undecided_part(name, covers)
    policy = RetentionPolicy(
        enabled=True,
        mail="all" if "mail" in places else UNSAID,
        files="all" if "files" in places else UNSAID,
        sites="all" if "sites" in places else UNSAID,
        groups="all" if "groups" in places else UNSAID,
        teams_chats="all" if "teams_chats" in places else UNSAID,
        teams_channels="all" if "teams_channels" in places else UNSAID,
        keep_days=days,
        action="keep",
        comment=wanted.schedule_ref,
    )
    return Part(
        name=name,
        level=Level.ENFORCED,
        covers=covers,
        limits=(
            limit,
            *_LIMITS,
        ),
        resources=(Resource("retention_policy", f"School retention: {name}", policy),),
    )


CONTROLS = (
    CloudControl("data.ediscovery", ediscovery),
    CloudControl("data.hold", hold),
    CloudControl("data.leaver_handover", leaver_handover),
    CloudControl("data.retention", retention),
)
