"""People, lists and outside addresses of the sample school that are in every tenant of the tests."""

DOMAIN = "example-primary.example"


def at_school(name: str) -> str:
    """Return an address at the school's domain."""
    return f"{name}@{DOMAIN}"


STAFF = tuple(
    at_school(name)
    for name in (
        "amara.ashdown", "beth.birchall", "callum.copperfield", "dilys.dewhurst", "edwin.elmsworth", "farah.fernley",
        "gwen.greenhalgh", "keira.kestrel", "milo.mapleton",
    )
)  # fmt: skip
PUPILS = tuple(
    at_school(name) for name in ("verity.ashdown", "wilf.birchall", "yasmin.copperfield", "zachary.dewhurst")
)
SHARED = tuple(at_school(name) for name in ("office", "safeguarding"))
LISTS = tuple(at_school(name) for name in ("all-staff", "all-pupils", "leadership", "dsl", "trip-leaders"))
OUTSIDE = (
    "parent@home.example",
    "parent2@home.example",
    "help@mis.example",
    "offers@news.shop.example",
    "a@shop.example",
)
AUTHORITY = "clerk@local-authority.example"
