"""The catalogue of apps and sites, and one entry of it, as JSON."""

from dataclasses import asdict

from toolkit.catalogue.app import App
from toolkit.catalogue.catalogue import Catalogue
from toolkit.render.answer import FORMAT
from toolkit.values import Body


def catalogue_answer(catalogue: Catalogue) -> Body:
    """Give every app with its hosts and apps on each platform."""
    return {"format": FORMAT, "apps": [_plain(app) for app in catalogue.apps.values()]}


def app_answer(app: App) -> Body:
    """Give one app whole."""
    return {"format": FORMAT, **_plain(app)}


def _plain(app: App) -> Body:
    references = [{"fact": fact, "page": page} for fact, page in app.references()]
    whole = {key: value for key, value in asdict(app).items() if key != "sources"}
    return {**whole, "checked": str(app.checked) if app.checked else None, "references": references}
