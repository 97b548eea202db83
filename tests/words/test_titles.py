"""No title reads as a fact about today: a title asks for something or names it, and a verdict says what was found."""

import re
import tomllib

from ruamel.yaml import YAML

from tests.words.passages import REPOSITORY
from toolkit.controls.control import controls
from toolkit.playbook.checklists import all_checklists

_CLAIM = re.compile(
    r"(?<!that )(?<!who )(?<!what )\b(is|are|was|has|have|can|cannot|confirms|say|gets?|reach(es)?|carr(y|ies)|arrives?"
    r"|answers?|leaves|starts)\b"
)
_ASKS = re.compile(r"\b(must|may|let|warn|when|while|before)\b", re.IGNORECASE)


def _claims(titles: dict[str, str]) -> dict[str, str]:
    return {place: title for place, title in titles.items() if _CLAIM.search(title) and not _ASKS.search(title)}


def test_no_title_is_a_claim_about_today() -> None:
    read = YAML(typ="safe", pure=True).load
    titles = {name: control.title for name, control in controls().items()}
    titles |= {name: checklist.title for name, checklist in all_checklists({}).items()}
    titles |= {name: pack["title"] for name, pack in read(REPOSITORY / "toolkit/starter/packs.yaml").items()}
    rows = tomllib.loads((REPOSITORY / "toolkit/board_report/standards.toml").read_text(encoding="utf-8"))["control"]
    titles |= {name: row["title"] for name, row in rows.items() if "title" in row}
    for path in sorted((REPOSITORY / "playbooks").glob("*.yaml")):
        if isinstance(title := read(path).get("title"), str):
            titles[path.name] = title

    assert len(titles) > 80
    assert _claims(titles) == {}


def test_a_claim_is_told_from_a_wish() -> None:
    claim, wish = "A lost device can be locked or wiped", "Staff must lock a device that is lost"

    assert _claims({"claim": claim, "wish": wish}) == {"claim": claim}
