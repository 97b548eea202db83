"""Saves, counts and exports searches in the mailboxes of a case's people. toolkit never downloads the results.

Follows https://learn.microsoft.com/graph/api/resources/security-ediscoverysearch
"""

from connectors.microsoft365.legal_holds.cases import Cases, find_by_name, identifier
from toolkit.errors import BadAnswer, NotFound, Rejected
from toolkit.sdk import Estimate, MailExport, MailSearch, segment
from toolkit.values import Body

_PENDING = frozenset({"notStarted", "running"})
_PORTAL = "in the Microsoft Purview portal, eDiscovery > Cases > the case > Searches"


class PurviewSearches:
    """The searches of a tenant's cases. The class implements toolkit.sdk.legal_holds.Searching."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def save(self, matter: str, search: MailSearch) -> None:
        """Save a search, and read it again to confirm that it searches only its own mailboxes."""
        case = self._cases.find(matter)
        body: Body = {"displayName": search.name, "contentQuery": search.terms, "dataSourceScopes": "none"}
        place = f"{segment(case)}/searches"

        def find_existing() -> Body | None:
            return find_by_name(self._cases.rows(place), search.name)

        saved_search = find_existing() or self._cases.make(place, body, find_existing)
        if saved_search.get("contentQuery") != search.terms:
            raise Rejected(
                f"the query of {search.name!r} was changed by hand. Delete the search {_PORTAL}, and run this again"
            )
        sources = f"{place}/{segment(identifier(saved_search))}/additionalSources"
        source_rows = self._cases.rows(sources)
        existing = {str(row.get("email")).casefold() for row in source_rows}
        if missing := [address for address in search.people if address.casefold() not in existing]:
            self._cases.put_many(sources, [_source_body(address) for address in missing])
            source_rows = self._cases.rows(sources)
        if len(source_rows) != len(search.people):
            raise Rejected(
                f"{search.name!r} searches {len(source_rows)} places, but should search {len(search.people)}. "
                f"Delete the search {_PORTAL}, and run this again"
            )

    def count(self, matter: str, search: MailSearch) -> str:
        """Start an estimate of a search's results. Return the path of the search with the id of the previous estimate.

        The result must be newer than the previous estimate.
        """
        place = self._find_search(matter, search)
        last = self._read_last_operation(place)
        if last.get("status") not in _PENDING:
            self._cases.start(f"{place}/estimateStatistics", {"statisticsOptions": "includeUnindexedStats"})
            return f"{place} {last.get('id') or ''}"
        return f"{place} "

    def read_estimate(self, operation: str) -> Estimate | None:
        """Return the estimate, or None if it is not finished. An estimate for only some mailboxes is not complete."""
        place, _, previous_id = operation.partition(" ")
        last = self._read_last_operation(place)
        if not last or last.get("id") == previous_id or last.get("status") in _PENDING:
            return None
        status, items = last.get("status"), last.get("indexedItemCount")
        if status not in ("succeeded", "partiallySucceeded"):
            raise Rejected(
                f"Purview could not count ({status}). Run `toolkit hold search` again, or look at the search {_PORTAL}"
            )
        unindexed = last.get("unindexedItemCount")
        if not isinstance(items, int) or not isinstance(unindexed, int):
            raise BadAnswer("eDiscovery returned an estimate without a count")
        return Estimate(items, 0 if status == "succeeded" else None, unindexed)

    def export(self, matter: str, search: MailSearch) -> MailExport:
        """Export a search's results and items that cannot be searched, unless the case has an export of this name.

        An export is recognised by its name, because Graph hides the types of newer operations.
        """
        place = self._find_search(matter, search)
        operations = f"{place.partition('/')[0]}/operations"
        body: Body = {
            "displayName": search.name,
            "exportCriteria": "searchHits, partiallyIndexed",
            "exportLocation": "responsiveLocations, nonresponsiveLocations",
            "additionalOptions": "none",
            "exportFormat": "pst",
        }

        def find_existing() -> Body | None:
            return find_by_name(self._cases.rows(operations), search.name)

        operation = find_existing()
        if operation is None:
            self._cases.make(f"{place}/exportResult", body, find_existing)
            operation = find_existing() or {"status": "notStarted"}
        status = operation.get("status")
        if status in _PENDING:
            return MailExport("in progress")
        if status == "partiallySucceeded":
            return MailExport("completed in part")
        if status != "succeeded":
            raise Rejected(f"Purview could not create the export {search.name} ({status}). Export the search {_PORTAL}")
        return MailExport("completed")

    def _find_search(self, matter: str, search: MailSearch) -> str:
        case = self._cases.find(matter)
        saved_search = find_by_name(self._cases.rows(f"{segment(case)}/searches"), search.name)
        if saved_search is None:
            raise NotFound(f"the case has no search named {search.name!r}. Run `toolkit hold search` again")
        return f"{segment(case)}/searches/{segment(identifier(saved_search))}"

    def _read_last_operation(self, place: str) -> Body:
        try:
            return self._cases.read(f"{place}/lastEstimateStatisticsOperation")
        except NotFound:
            return {}


def _source_body(address: str) -> Body:
    return {"@odata.type": "microsoft.graph.security.userSource", "email": address, "includedSources": "mailbox"}
