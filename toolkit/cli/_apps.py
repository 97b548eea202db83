"""Finds the catalogue that is asked about, and one app in it."""

from pathlib import Path

from toolkit.catalogue.app import App
from toolkit.catalogue.catalogue import Catalogue, builtin
from toolkit.catalogue.naming import unknown
from toolkit.errors import UsageError
from toolkit.playbook.load import load


def catalogue_with(playbooks: Path | None) -> Catalogue:
    """Give the built-in catalogue, or with it what playbooks add."""
    return builtin() if playbooks is None else load(playbooks).apps


def app_of(name: str, catalogue: Catalogue) -> App:
    """Give the app of a name; UsageError with a suggestion where there is none."""
    if name not in catalogue.apps:
        raise UsageError(unknown(name, catalogue))
    return catalogue.apps[name]
