"""Reads a page as a person sees it: its text line by line, without hidden parts."""

import re
from html.parser import HTMLParser

OF_THE_TRADE = re.compile(
    r"\b(?:drift|playbooks?|ledgers?|providers?|cmdlets?|APIs?|tenants?|Graph|Entra|OAuth|endpoints?|tokens?|null|YAML"
    r"|dpia|non-?compliant|deprovisioned|unenrolled|Conditional Access|remote domain|resources?|connectors?)\b"
    r"|\b(?:Get|Set|New|Remove)-[A-Z]\w+"  # a cmdlet
    r"|\b(?!iPad|iPhone)[a-z]+[A-Z]\w+"  # a field, as complianceState
    r"|\b[a-z0-9]+_[a-z0-9_]+"  # a setting or a kind, as url_blocklist
    r"|\b(?:mail|web|data|identity|device|access|site|gov|alerts)\.[a-z_]+"  # a control
    r"|\b(?:GET|POST|PATCH) /"
    r"|\b(?:Defender|Intune|Purview|Exchange|SharePoint|Vault|eDiscovery)\b"  # a product inside one of the two clouds
    r"|\b(?:portal|console|admin cent(?:re|er))\b| > "  # where to click
)
"""Words that a governor should not have to know."""

OF_THE_ADMIN = re.compile(
    r"\b(?:playbooks?|ledgers?|audiences?|objects?|organi[sz]ational units?|kinds?|look-alikes?|dry run|report mode"
    r"|audit mode|test mode|set and report|report only|controls?)\b|`",
    re.IGNORECASE,
)
"""Words and commands of the person who runs this tool, which no reason for governors uses."""

_SILENT = frozenset({"style", "title", "desc"})
_LINES = frozenset("p li h1 h2 h3 tr div caption table section header footer main nav ul ol dl details summary".split())
_CELLS = frozenset({"td", "th"})


class _VisibleText(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        self.pieces.append("\n" if tag in _LINES else " | " if tag in _CELLS else " " if tag == "dd" else "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        self.pieces.append("\n" if tag in _LINES else "")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data.replace("\n", " "))


def visible_text(page: str) -> str:
    """Return the visible text of a page in lines, without the title of the window."""
    reader = _VisibleText()
    reader.feed(page)
    lines = (re.sub(r"\s+", " ", line).strip(" |") for line in "".join(reader.pieces).splitlines())
    return "\n".join(filter(None, lines)) + "\n"
