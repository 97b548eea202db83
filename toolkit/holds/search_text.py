"""Renders searches and the consents to them as text and JSON, for people who have the register's key."""

from collections.abc import Iterable, Iterator, Mapping

from toolkit.holds.model import Case, CaseSearch, Consent
from toolkit.holds.search import SHOWN
from toolkit.records import dataclass
from toolkit.render.audit_text import format_minute
from toolkit.render.line import Line, Tone, row, rows, to_body
from toolkit.sdk.providers import cloud_title
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class _Console:
    """A cloud's unit of search results, the data to search by hand, and the place to download an export."""

    counts: str
    left_out: str
    download: str


_CONSOLES = {
    "google_workspace": _Console(
        "messages",
        "only mail was searched: search files and chats in vault.google.com, Matters > the matter > Search",
        "vault.google.com, Matters > the matter > Exports > Download",
    ),
    "microsoft365": _Console(
        "items",
        "only mailboxes were searched, with the calendar and Teams chats in them: search OneDrive, SharePoint and "
        "Teams channels in the Microsoft Purview portal, eDiscovery > Cases > the case > Searches",
        "the Microsoft Purview portal, eDiscovery > Cases > the case > Exports > the export > Download",
    ),
}


def search_lines(search: CaseSearch) -> Iterator[Line]:
    """Yield lines about a search: its query, its estimate, who asked, and its export."""
    console = _CONSOLES[search.cloud]
    where = f"{cloud_title(search.cloud)}, in the mail of {', '.join(search.people)}"
    yield Line(f"  search {search.hash[:SHOWN]} on {where}: {search.terms}")
    if search.asked:
        yield Line(f"    requested by {signed_text(search.asked)}")
    if search.counted is None:
        yield Line("    not counted yet: run `toolkit hold search` again with the same query", Tone.WARNING)
    elif search.uncounted != 0:
        text = (
            f"at least {search.estimate} {console.counts}; {search.uncounted or 'some'} mailboxes could not be counted"
        )
        yield Line(f"    estimate: {text}, {format_minute(search.counted)}", Tone.WARNING)
    else:
        more = f", and {search.unsearched} that could not be searched and are exported too" if search.unsearched else ""
        yield Line(f"    estimate: {search.estimate} {console.counts}{more}, {format_minute(search.counted)}")
    for act, consent in zip(("export requested by", "export approved by"), search.consents, strict=False):
        yield Line(f"    {act} {signed_text(consent)}")
    if search.exported:
        download = f"two people download it in {console.download}, to an encrypted stick or disk"
        yield Line(
            f"    exported {format_minute(search.exported)}, {search.status}: {download}. "
            "This command downloads nothing. Record each file with `toolkit custody add`"
        )


def manual_step_lines(search: CaseSearch, clouds: Iterable[str]) -> Iterator[Line]:
    """Yield a line for each kind of data that a search leaves out and that must be searched by hand."""
    for cloud, text in _manual_steps(search, clouds).items():
        yield Line(f"  {cloud_title(cloud)}: {text}", Tone.QUIET)


def search_answer(case: Case, search: CaseSearch, clouds: Iterable[str]) -> Body:
    """Return a search as JSON, including the data that must be searched by hand."""
    by_hand = _manual_steps(search, clouds)
    return to_body({"case": case.name, "matter": case.matter, "search": search_row(search), "by_hand": by_hand})


def _manual_steps(search: CaseSearch, clouds: Iterable[str]) -> Mapping[str, str]:
    others = {cloud: f"not searched by this search: run `toolkit hold search` with --in {cloud}" for cloud in clouds}
    return {**others, search.cloud: _CONSOLES[search.cloud].left_out}


def search_row(search: CaseSearch) -> Mapping[str, object]:
    return {
        **row(search, "hash", "cloud", "people", "terms", "estimate", "uncounted", "unsearched", "exported", "status?"),
        "asked": rows([search.asked] if search.asked else [], "by", "at", "verified?"),
        "consents": rows(search.consents, "by", "at", "verified?"),
    }


def signed_text(consent: Consent) -> str:
    """Return a person's name and whether they signed in."""
    if not consent.verified:
        return f"{consent.by}, named by the operator, not verified, {format_minute(consent.at)}"
    kept = "" if consent.evidence else ", without evidence of the sign-in"
    cloud, minute = cloud_title(consent.verified), format_minute(consent.at)
    return f"{consent.by}, {consent.title}, signed in to {cloud}, {minute}{kept}"
