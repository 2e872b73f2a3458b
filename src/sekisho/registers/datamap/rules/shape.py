"""The shape of the data map's document, as the reader and the reference page know it."""

from sekisho.engine.catalog.model import SystemKind
from sekisho.engine.erasure.strategies import COARSE, STRATEGIES
from sekisho.engine.policy.shape import Form, Key, ListOf, MapOf, Record, Scalar, Shape

STRING = Scalar(form=Form.STRING)
NAME = Scalar(form=Form.IDENTIFIER)
STORED = Scalar(form=Form.STORED)  # as the store calls its tables and columns
TEXT = Scalar(form=Form.TEXT)
INTEGER = Scalar(form=Form.INTEGER, least=0)
BOOLEAN = Scalar(form=Form.BOOLEAN)
DIALECTS = ("sqlite", "postgres", "duckdb", "spark", "mysql", "oracle")
COLUMN_TYPES = ("text", "integer", "number", "boolean", "date", "timestamp", "binary")


def _must(name: str, shape: Shape, says: str) -> Key:
    return Key(name=name, shape=shape, says=says, required=True)


def _may(name: str, shape: Shape, says: str) -> Key:
    return Key(name=name, shape=shape, says=says)


def _open(name: str, shape: Shape, says: str, *, required: bool = False) -> Key:
    """May be written `unknown`, as a crawl does: every such place is told, with all else that is wrong."""
    return Key(name=name, shape=shape, says=says, required=required, unknown=True)


OWNER = Record(
    keys=(
        _must("by", NAME, "kind of identifier"),
        _must("column", STORED, "column that holds it"),
        _must("role", NAME, "what the person is in this row"),
        _may("at", STORED, "column with the instant at which it counts; absent where it is never reused"),
        _may("blanks", ListOf(item=STORED), "columns blanked instead of removing the row"),
    )
)
REFERENCE = Record(
    keys=(
        _must("table", STORED, "table it refers to"),
        _must("column", STORED, "column whose values it holds"),
        _may("system", NAME, "its system; its own if absent"),
        _may(
            "direction",
            Scalar(form=Form.STRING, choices=("from", "to")),
            "which way it may be followed: from what is referred to, to it; both if absent",
        ),
    )
)
COLUMN = Record(
    keys=(
        _open("item", STRING, "class or class.field of the policy, or none"),
        _may("type", Scalar(form=Form.STRING, choices=COLUMN_TYPES), "text if absent"),
        _may("reason", STRING, "why it is not personal"),
        _may("free_text", BOOLEAN, "people write in it"),
        _may("references", ListOf(item=REFERENCE), "columns whose values it holds"),
        _may("many", BOOLEAN, "one value is a list"),
        _may(
            "erasure",
            Scalar(form=Form.STRING, choices=STRATEGIES),
            "instead of deleting the row: what becomes of the value when its person is erased",
        ),
        _may("label", STRING, "what it is called, where its name does not say"),
        _may("values", MapOf(item=TEXT, filled=True, key_form=Form.STORED), "code it holds -> what that means"),
        _may("categories", ListOf(item=STRING), "what an imported inventory calls it"),
        _may("imported_type", STRING, "its type there"),
        _may(
            "control",
            BOOLEAN,
            "serves the carrier's own safeguards only (protected, deceased): no query, view or list has it",
        ),
    ),
    short="item",
)
GROUPING = Record(
    keys=(
        _must("column", STORED, "column whose value they have in common"),
        _may("how", Scalar(form=Form.STRING, choices=COARSE), "made coarse; as it stands if absent"),
    ),
    short="column",
)
TOTALS = Record(
    keys=(
        _must("into", STORED, "table of the same system that takes the totals; nothing in it is anybody's"),
        _must("by", MapOf(item=GROUPING, filled=True, key_form=Form.STORED), "its column -> by what rows are grouped"),
        _must("count", STORED, "its column for how many rows"),
        _must("people", STORED, "its column for how many different people"),
        _must("batch", STORED, "its column for the sweep's step that wrote it"),
        _must("written_on", STORED, "its column for the day it was written"),
        _must("minimum", INTEGER, "fewer people than this, and a group is not written"),
        _may("sums", MapOf(item=STORED, key_form=Form.STORED), "its column -> column that is added up"),
    )
)
TABLE = Record(
    keys=(
        _must("label", STRING, "what it is called"),
        _open("subject", NAME, "kind of data subject whose rows these are", required=True),
        _must("key", ListOf(item=STORED, filled=True), "columns that name one row"),
        _open("acquired", STORED, "column with the day of acquisition: it decides the row's era", required=True),
        _may("triggers", MapOf(item=STORED), "event that starts a period -> column"),
        _may("settled", STORED, "column that is filled once the claim no longer lives"),
        _may("partition", STORED, "column by which the store is divided; never personal"),
        _may("totals", TOTALS, "what is counted before rows whose period is over go"),
        _may("source", STRING, "how the rows are acquired: on which paper, page or call"),
        _must("owners", ListOf(item=OWNER), "ways from a row to a person"),
        _must("columns", MapOf(item=COLUMN, filled=True, key_form=Form.STORED), "every column"),
    )
)
DERIVED_COLUMN = Record(
    keys=(*COLUMN.keys, _may("items", ListOf(item=STRING), "where it carries several: each of them")), short="item"
)
DERIVED = Record(
    keys=(
        _must("label", STRING, "what it is called"),
        _must("kind", Scalar(form=Form.STRING, choices=("view", "table")), "view, or table: a stored copy"),
        _may("sql", STRING, "its SELECT; a view may leave it to the store"),
        _may("dialect", Scalar(form=Form.STRING, choices=DIALECTS), "of the SQL; the store's own if absent"),
        _may("subject", NAME, "kind of data subject whose rows these are; a copy must say"),
        _may("key", ListOf(item=STORED), "columns that name one row; a copy must say"),
        _may("acquired", STORED, "column with the day of acquisition; a copy must say"),
        *(key for key in TABLE.keys if key.name in {"triggers", "settled", "partition", "source"}),
        _may("owners", ListOf(item=OWNER), "ways from a row to a person; a copy must say"),
        _must("columns", MapOf(item=DERIVED_COLUMN, filled=True, key_form=Form.STORED), "every column"),
    )
)
SYSTEM = Record(
    keys=(
        _must("label", STRING, "what it is called"),
        _must("kind", Scalar(form=Form.STRING, choices=tuple(kind.value for kind in SystemKind)), "kind of store"),
        _must("url", STRING, "where it stands; may hold {home}"),
        _may("erase_order", INTEGER, "leaf stores low, those that tell who is who high"),
        _may("custodian", STRING, "department that answers for it"),
        _may("users", ListOf(item=STRING), "departments that work in it"),
        _may("location", STRING, "where it stands"),
        _may("country", STRING, "ISO 3166-1 code where it stands abroad"),
        _may("operated_by", ListOf(item=NAME), "recipients of the policy to whom running it is entrusted"),
        _may("measures", ListOf(item=STRING), "what keeps it safe"),
        _must("tables", MapOf(item=TABLE, filled=True, key_form=Form.STORED), "tables, file sets, collections"),
        _may("derived", MapOf(item=DERIVED, key_form=Form.STORED), "views, and tables made from others"),
    )
)
MAP = Record(
    keys=(
        _must("id", NAME, "name of the map"),
        _may("reclassified_by", ListOf(item=NAME), "roles that may reclassify; officer and deputy if absent"),
    )
)
DOCUMENT = Record(
    keys=(
        _must("sekisho_datamap", Scalar(form=Form.INTEGER, choices=("1",)), "version of this format"),
        _must("map", MAP, "what this document is"),
        _must("systems", MapOf(item=SYSTEM, filled=True), "every system that holds personal data"),
    )
)
