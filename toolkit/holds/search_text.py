"""Searches of a case and their exports, as text and JSON for those who have the register's key."""

from collections.abc import Iterable, Iterator, Mapping

from toolkit.holds.model import Case, CaseSearch, Consent
from toolkit.holds.search import SHOWN
from toolkit.render.audit_text import instant
from toolkit.render.line import Line, Tone
from toolkit.render.serialise import row, rows, to_body
from toolkit.sdk.providers import providers
from toolkit.values import Body

_BY_HAND = {
    "google_workspace": "only mail was searched: search files and chats in vault.google.com, Matters > the matter > "
    "Search",
    "microsoft365": "not searched by this command: in the Microsoft Purview portal, eDiscovery > Cases > the case > "
    "Searches > Create a search > Run query",
}
_DOWNLOAD = (
    "two people download it in vault.google.com, Matters > the matter > Exports > Download, to an encrypted stick or "
    "disk; this command downloads nothing"
)


def search_lines(search: CaseSearch) -> Iterator[Line]:
    """Show one search: its query, its estimate, who asked, and its export."""
    yield Line(f"  search {search.hash[:SHOWN]} in the mail of {', '.join(search.people)}: {search.terms}")
    if search.asked:
        yield Line(f"    asked for by {_signed(search.asked)}")
    if search.counted is None:
        yield Line("    not counted yet: run `toolkit hold search` again with the same query", Tone.WARNING)
    elif search.uncounted:
        text = f"at least {search.estimate} messages; {search.uncounted} mailboxes could not be counted"
        yield Line(f"    estimate: {text}, {instant(search.counted)}", Tone.WARNING)
    else:
        yield Line(f"    estimate: {search.estimate} messages, {instant(search.counted)}")
    for act, consent in zip(("export asked for by", "export approved by"), search.consents, strict=False):
        yield Line(f"    {act} {_signed(consent)}")
    if search.exported:
        yield Line(f"    exported {instant(search.exported)}, {search.status}: {_DOWNLOAD}")


def by_hand_lines(clouds: Iterable[str]) -> Iterator[Line]:
    """Say what is searched in the console alone."""
    for cloud in clouds:
        yield Line(f"  {providers()[cloud].title}: {_BY_HAND[cloud]}", Tone.QUIET)


def search_answer(case: Case, search: CaseSearch, clouds: Iterable[str]) -> Body:
    """Answer with one search, and what is left to the console."""
    by_hand = {cloud: _BY_HAND[cloud] for cloud in clouds}
    return to_body({"case": case.name, "matter": case.matter, "search": search_row(search), "by_hand": by_hand})


def search_row(search: CaseSearch) -> Mapping[str, object]:
    """Give one search as JSON."""
    return {
        **row(search, "hash", "people", "terms", "estimate", "uncounted", "exported", "status?"),
        "asked": rows([search.asked] if search.asked else [], "by", "at", "verified?"),
        "consents": rows(search.consents, "by", "at", "verified?"),
    }


def _signed(consent: Consent) -> str:
    return f"{consent.by}, {consent.title}, signed in to {providers()[consent.verified].title}, {instant(consent.at)}"
