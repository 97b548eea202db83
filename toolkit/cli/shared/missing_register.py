"""Show that a school has no register of holds. No key is needed to find this out."""

from pathlib import Path

from toolkit.cli.shared.run import opened_ledger
from toolkit.cli.shared.terminal import show_answer
from toolkit.holds.register import refuse_missing_register
from toolkit.holds.text import holds_json
from toolkit.render.line import Line


def show_missing_register(path: Path, *, as_json: bool) -> None:
    """Show that there is no register of holds. Raise UsageError if the ledger records holds."""
    with opened_ledger() as (settings, ledger):
        refuse_missing_register(path, ledger, result="No hold can be listed without it")
    text = f"none, because there is no register of holds ({path}). The tenants were not read."
    show_answer(holds_json([], settings.target, {}, {}, {}), [Line(text)], as_json=as_json)
