"""How the two engines that build projections say the same: DuckDB in this process, Spark on a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass

DAY = 86_400_000_000
TOKYO = 32_400_000_000
MASK4 = "concat(repeat('*', greatest(length({0}) - 4, 0)), right({0}, least(4, greatest(length({0}) - 4, 0))))"
MASK_LAST4 = "concat(left({0}, greatest(length({0}) - 4, 0)), repeat('*', least(4, length({0}))))"
DIGITS = "translate({}, '０１２３４５６７８９', '0123456789')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One engine's words. Templates take a column that is already quoted."""

    dialect: str
    mark: str
    text: str
    day_of_instant: str
    micros_of_instant: str
    micros_of_day: str
    digest: str
    coarse: Mapping[str, str]

    def quoted(self, name: str) -> str:
        """A name of the data map."""
        return self.mark + name.replace(self.mark, self.mark * 2) + self.mark

    def day_of(self, column: str, type_: str) -> str:
        """The Tokyo day of a column."""
        return self.day_of_instant.format(column) if type_ == "timestamp" else f"CAST({column} AS DATE)"

    def micros_of(self, column: str, type_: str) -> str:
        """The instant of a column in microseconds; a day counts from its beginning in Tokyo."""
        return (self.micros_of_instant if type_ == "timestamp" else self.micros_of_day).format(column)


DUCKDB = Speech(
    dialect="duckdb",
    mark='"',
    text="VARCHAR",
    day_of_instant=f"(DATE '1970-01-01' + CAST((epoch_us({{}}) + {TOKYO}) // {DAY} AS INTEGER))",
    micros_of_instant="epoch_us({})",
    micros_of_day=f"(CAST({{}} - DATE '1970-01-01' AS BIGINT) * {DAY} - {TOKYO})",
    digest="sha256(concat({}))",
    coarse={
        "year": "CAST(year({}) AS BIGINT)",
        "postal3": f"left(regexp_replace({DIGITS}, '[^0-9]', '', 'g'), 3)",
        "mask4": MASK4,
        "mask_last4": MASK_LAST4,
    },
)
SPARK = Speech(  # the session's time zone is Asia/Tokyo
    dialect="spark",
    mark="`",
    text="STRING",
    day_of_instant="CAST({} AS DATE)",
    micros_of_instant="unix_micros({})",
    micros_of_day=f"(CAST(datediff({{}}, DATE '1970-01-01') AS BIGINT) * {DAY} - {TOKYO})",
    digest="sha2(concat({}), 256)",
    coarse={
        "year": "CAST(year({}) AS BIGINT)",
        "postal3": f"left(regexp_replace({DIGITS}, '[^0-9]', ''), 3)",
        "mask4": MASK4,
        "mask_last4": MASK_LAST4,
    },
)
