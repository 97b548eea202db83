"""Saves, counts and exports searches in the mail of a case in Google Vault. toolkit never downloads the results.

Follows https://developers.google.com/workspace/vault/guides/search and
https://developers.google.com/workspace/vault/guides/exports
"""

import re

from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.legal_holds.cases import Cases
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk import Estimate, MailExport, MailSearch
from toolkit.values import Body

_SETTLES = 10.0  # seconds until lists show a new object; Google does not publish a figure
_PAGE = 100
_FILES = "cloudStorageSink(files(objectName,size,md5Hash))"


class MailSearches:
    """The searches of a tenant's cases. The class implements toolkit.sdk.legal_holds.Searching."""

    def __init__(self, api: Api, cases: Cases) -> None:
        self._api = api
        self._cases = cases

    def save(self, matter: str, search: MailSearch) -> None:
        """Save a search, unless the matter has a search with this name. Searches have no other mark in Vault."""
        key = self._find_matter(matter)
        listing = _make_list_call("savedQueries", key, "displayName")
        body: Body = {"displayName": search.name, "query": _make_query(search)}
        self._find_or_create(listing, "savedQueries", "displayName", body)

    def count(self, matter: str, search: MailSearch) -> str:
        """Start a count of the messages, and return the name of the operation."""
        body: Body = {"query": _make_query(search), "view": "TOTAL_COUNT"}
        call = Call("vault.matters.count", {"matterId": self._find_matter(matter)}, body)
        name = self._api.change(call).get("name")
        if not isinstance(name, str) or not name:
            raise BadAnswer(f"{call}: the response does not name an operation")
        return name

    def read_estimate(self, operation: str) -> Estimate | None:
        """Return the count of an operation, or None if it is not finished.

        Mailboxes that Vault could not count are separate.
        """
        call = Call("vault.operations.get", {"name": operation})
        match self._api.read(call):
            case {"done": True, "error": {**error}}:
                raise Rejected(f"{call}: {error.get('message') or 'no reason given'}")
            case {"done": True, "response": {"totalCount": str(total), **rest}} if total.isdecimal():
                return Estimate(int(total), _count_unread_mailboxes(rest.get("mailCountResult")))
            case {"done": True}:
                raise BadAnswer(f"{call}: the response has no count")
            case _:
                return None

    def export(self, matter: str, search: MailSearch) -> MailExport:
        """Export the messages of a search as MBOX, unless the matter has an export of this name. Return the export."""
        key = self._find_matter(matter)
        listing = _make_list_call("exports", key, f"id,name,status,{_FILES}")
        options: Body = {"mailOptions": {"exportFormat": "MBOX"}}
        body: Body = {"name": search.name, "query": _make_query(search), "exportOptions": options}
        export_row = self._find_or_create(listing, "exports", "name", body)
        status = export_row.get("status")
        if status == "FAILED":
            raise Rejected(
                f"Vault could not create the export {search.name}. Delete it in vault.google.com, under Matters > "
                "the matter > Exports, and run the command again"
            )
        return MailExport("completed", _list_files(export_row)) if status == "COMPLETED" else MailExport("in progress")

    def _find_or_create(self, listing: Call, items: str, name_key: str, body: Body) -> Body:
        def find_existing() -> Body | None:
            rows = self._api.pages(listing, items)
            return next((row for row in rows if row.get(name_key) == body[name_key]), None)

        create = Call(f"vault.matters.{items}.create", {"matterId": listing.parameters["matterId"]}, body)
        return find_existing() or self._api.create(create, find_existing, settles=_SETTLES)

    def _find_matter(self, name: str) -> str:
        return self._cases.open(name).matters[0]


def _make_list_call(items: str, matter: str, fields: str) -> Call:
    parameters: Body = {"matterId": matter, "pageSize": _PAGE, "fields": f"nextPageToken,{items}({fields})"}
    return Call(f"vault.matters.{items}.list", parameters)


def _make_query(search: MailSearch) -> Body:
    return {
        "corpus": "MAIL",
        "dataScope": "ALL_DATA",
        "method": "ACCOUNT",
        "accountInfo": {"emails": list(search.people)},
        "terms": search.terms,
    }


def _count_unread_mailboxes(result: object) -> int:
    lists = (result.get("accountCountErrors"), result.get("nonQueryableAccounts")) if isinstance(result, dict) else ()
    return sum(len(accounts) for accounts in lists if isinstance(accounts, list))


def _list_files(export: Body) -> tuple[tuple[str, int, str], ...]:
    """Return the name, the size and the hash of each file in an export. The name is the last part of the path.

    Files without a size or a hash are left out, because they cannot serve as evidence.
    """
    sink = export.get("cloudStorageSink")
    rows = sink.get("files") if isinstance(sink, dict) else ()
    files: list[tuple[str, int, str]] = []
    for row in rows if isinstance(rows, list) else ():
        match row:
            case {"objectName": str(name), "size": str(size), "md5Hash": str(md5)} if re.fullmatch("[0-9]{1,18}", size):
                files.append((name.rpartition("/")[2], int(size), md5))
    return tuple(files)
