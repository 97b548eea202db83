"""Controls about the school's records: whether Vault holds, what leavers left open, and what is kept."""

from collections.abc import Iterator

from toolkit.controls.data import UNLIMITED, Ediscovery, Hold, LeaverHandover, Retention, days_of, undecided_part
from toolkit.controls.leavers import ACCOUNTS, ASK_FIRST, ENDING, GROUPS, LICENCES
from toolkit.controls.legal_holds import export_part, who_part
from toolkit.sdk.part import CloudControl, ControlContext, Part, checked, manual

_COUNTS = "`toolkit check` counts"
_PRIVILEGES = (
    "in the admin console: Account > Admin roles (Super Admin, and each role with a privilege of Google Vault), and in "
    "Vault with whom its matters are shared"
)


def hold(wanted: Hold, _: ControlContext) -> Iterator[Part]:
    """Check whether Vault answers and to whom; a person checks what no API shows."""
    yield checked(
        "Vault",
        "whether Vault lets in the administrator whom toolkit acts as, with the scope that reads",
        "`toolkit check` asks for one matter",
        "placing a hold needs the scope that writes as well, which no run uses that only looks",
    )
    yield checked(
        "privileges in Vault",
        "whether that administrator may manage matters and holds",
        "`toolkit check` sees it of a super administrator alone",
    )
    yield manual(
        "Vault licences",
        "a licence for Vault for each account that may have to be held",
        "toolkit asks no API for licences: in the admin console, Billing > Subscriptions, look that everybody's "
        "edition includes Vault, or that each has a licence of their own",
    )
    yield who_part(wanted, _PRIVILEGES)


def ediscovery(wanted: Ediscovery, _: ControlContext) -> Iterator[Part]:
    """Check that matters can be read; two people search and export in Vault."""
    yield checked(
        "Vault",
        "whether Vault lets in the administrator whom toolkit acts as",
        "`toolkit check` asks for one matter",
        "nothing is searched, and no name of a matter is shown",
    )
    yield export_part(
        wanted,
        "mail with `toolkit hold search` and `toolkit hold export`, all else in vault.google.com, Matters > the matter "
        "> Search, then Export; under Exports, Vault shows until when the files are kept",
    )


def leaver_handover(_settings: LeaverHandover, _: ControlContext) -> Iterator[Part]:
    """Check suspended accounts; a person checks what no API shows of them."""
    yield checked(ACCOUNTS, "accounts that are suspended and neither archived nor deleted", _COUNTS)
    yield checked(GROUPS, "groups that they are still in", _COUNTS)
    yield checked(ENDING, "deleted accounts that end for good soon", _COUNTS)
    yield manual(
        LICENCES,
        "licences that were not taken back",
        "toolkit asks no API for licences: in the admin console, Billing > Licence settings, look which suspended "
        f"accounts have one; {ASK_FIRST}",
    )
    yield manual(
        "mail of leavers",
        "mail that others still need, and where mail to the leaver goes",
        "Gmail lets no one look into a suspended account, which receives nothing, so that it forwards nothing either: "
        "before it is suspended, delegate it or move its mail; then look for routes to another address in Apps > "
        f"Google Workspace > Gmail > Routing; {ASK_FIRST}",
    )
    yield manual(
        "files of leavers",
        "files in My Drive without a new owner",
        "toolkit asks no API for whom files were handed over to: in the admin console, Apps > Google Workspace > Drive "
        f"and Docs > Transfer ownership; {ASK_FIRST}",
    )


def retention(wanted: Retention, _: ControlContext) -> Iterator[Part]:
    """Leave the retention rules of Vault to a person, and warn of those that delete: no API shows or sets them."""
    yield _kept("mail", wanted.mail, "Gmail", "mail in every mailbox")
    yield _kept("files", wanted.files, "Drive", "files in My Drive and in shared drives")
    yield _kept("chat", wanted.chat, "Chat", "messages in Google Chat, where history is on")


def _kept(name: str, period: str, service: str, covers: str) -> Part:
    days = days_of(period)
    if days is None:
        return undecided_part(name, covers)
    length = "indefinitely" if days == UNLIMITED else f"for {days} days"
    return manual(
        name,
        covers,
        f"no API shows or sets retention rules: in Google Vault > Retention > Custom rules: {service}, the whole "
        f"organisation, keep {length}. Careful: a rule with an end can delete, and may begin to at once with "
        "everything that is older; choose to delete nothing but what people have deleted themselves, and let a person "
        "else look before it is saved",
        "it needs Vault, and a Vault licence for each account",
    )


CONTROLS = (
    CloudControl("data.ediscovery", ediscovery),
    CloudControl("data.hold", hold),
    CloudControl("data.leaver_handover", leaver_handover),
    CloudControl("data.retention", retention),
)
