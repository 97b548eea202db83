"""Render the catalogue of apps and sites as text with a width of 100 columns, and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from toolkit.catalogue.app import AccountBlock, App, Category
from toolkit.catalogue.naming import CATEGORIES, Catalogue
from toolkit.render.line import FORMAT, Line, Tone
from toolkit.render.reference.reference import wrap_text
from toolkit.render.values_text import count_text
from toolkit.values import Body

TITLES: Mapping[Category, str] = {
    "chat": "Chat",
    "social": "Social networks and message boards",
    "streaming": "Streaming",
    "webmail": "Webmail",
    "gambling": "Gambling",
    "p2p": "Peer-to-peer",
    "games": "Games",
}
ACCOUNTS: Mapping[AccountBlock, str] = {
    "google_secondary_sign_in": "Chrome and ChromeOS accept only accounts of the school's domains (secondary sign-in)",
    "outlook_personal_accounts": "Outlook accepts no personal accounts",
}
_LABEL = 14


def catalogue_lines(catalogue: Catalogue) -> Iterator[Line]:
    """Yield lines that list the apps of the catalogue, with a table for each category."""
    width = max(len(app.name) for app in catalogue.apps.values())
    wide = max(len(app.title) for app in catalogue.apps.values())
    for number, category in enumerate(candidate for candidate in CATEGORIES if catalogue.apps_in(candidate)):
        if number:
            yield Line()
        yield Line(f"{TITLES[category]}   (category: {category})", Tone.HEADING)
        for app in catalogue.apps_in(category):
            yield Line(f"  {app.name:{width}}  {app.title:{wide}}  {_blockable_platforms_text(app)}".rstrip())


def _blockable_platforms_text(app: App) -> str:
    hosts = [count_text(len(app.domains), "host")] if app.domains else []
    pages = [count_text(len(app.pages), "page")] if app.pages else []
    platforms = {"Android": app.android, "iOS": app.ios, "Windows": app.windows, "Chrome": app.chrome}
    said = [*hosts, *pages, *(name for name, there in platforms.items() if there)]
    if app.by_account:
        said.append("by account only")
    return ", ".join(said) or "cannot be closed"


def app_lines(app: App) -> Iterator[Line]:
    yield Line(f"{app.name}: {app.title}", Tone.HEADING)
    yield from wrap_text(app.note, "  ") if app.note else ()
    yield Line()
    none = "none is known" if app.urls else ""
    yield from _row_lines("category", [app.category])
    yield from _row_lines("also called", [", ".join(app.aliases)] if app.aliases else [])
    yield from _row_lines("hosts", app.domains, text_if_empty="none is blocked")
    yield from _row_lines("pages", app.pages)
    yield from _row_lines("never blocked", app.shared_hosts)
    yield from _row_lines("by account", [ACCOUNTS[account] for account in app.by_account])
    yield from _row_lines("Android", app.android, text_if_empty=none)
    yield from _row_lines("iOS", [f"{ios_app.bundle} ({ios_app.store})" for ios_app in app.ios], text_if_empty=none)
    yield from _row_lines("Windows", app.windows, text_if_empty=none)
    yield from _row_lines("Chrome", app.chrome)
    yield from _row_lines("missing", app.missing)
    yield Line()
    if app.checked is None:
        yield Line("  added by the school's playbooks", Tone.QUIET)
        return
    yield Line(f"  checked on {app.checked}; the public pages are", Tone.QUIET)
    yield from (Line(f"    {fact}: {page}", Tone.QUIET) for fact, page in app.references())


def _row_lines(label: str, values: Sequence[str], *, text_if_empty: str = "") -> Iterator[Line]:
    for position, value in enumerate(values or ([text_if_empty] if text_if_empty else [])):
        yield from wrap_text(value, f"  {label if position == 0 else '':{_LABEL}}", indent_of_rest=_LABEL + 2)


def catalogue_json(catalogue: Catalogue) -> Body:
    """Return every app of the catalogue as JSON, with its hosts and its app ids on each platform."""
    return {"format": FORMAT, "apps": [_app_json(app) for app in catalogue.apps.values()]}


def app_with_review_json(app: App) -> Body:
    return {"format": FORMAT, **_app_json(app)}


def _app_json(app: App) -> Body:
    references = [{"fact": fact, "page": page} for fact, page in app.references()]
    whole = {key: value for key, value in asdict(app).items() if key != "sources"}
    return {**whole, "checked": str(app.checked) if app.checked else None, "references": references}
