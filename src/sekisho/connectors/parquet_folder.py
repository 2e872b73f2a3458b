"""A folder of plain Parquet files, partitioned by folders (`day=2026-05-01`) or not; no log says which files count.

A file is rewritten row group by row group, without statistics and dictionaries of what it no longer holds; one whose rows
all go is removed. A Delta table is refused here: changing its files under its log would break it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import assert_never

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sekisho.connectors import columns as arrow
from sekisho.connectors import replacing, values
from sekisho.connectors.failures import refusal
from sekisho.connectors.file_tables import BATCH_ROWS, Blank, Drop, Edit, FileTables, Part, Texts
from sekisho.connectors.source import Where

SUMMARIES = ("_metadata", "_common_metadata")  # of some writers: statistics of all files in one
NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"


class ParquetSource(FileTables):
    """A `Source` over Parquet files."""

    suffixes = frozenset({".parquet"})

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows; files in which all go are removed, but for the last, which tells the columns."""
        self._require(table, where)
        self._go(table, where)
        super().erase(table, where)

    def drop_partitions(self, table: str, where: Where) -> int:
        """Remove the folders of partitions in which every row matches."""
        self._require(table, where)
        folders = {part.path.parent for part in self._parts(table, where) if "=" in part.path.parent.name}
        self._go(table, where, whole_folders=True)
        gone = [folder for folder in folders if not any(folder.glob("*.parquet"))]
        for folder in gone:
            if not any(folder.iterdir()):
                folder.rmdir()
        return len(gone)

    def purge_changed(self) -> None:
        """All that is left behind: finding it costs little."""
        self.purge()

    def _parts(self, table: str, where: Where) -> list[Part]:
        self._types(table, [test.column for test in where])
        return self._tables()[table]

    def _go(self, table: str, where: Where, *, whole_folders: bool = False) -> None:
        """Remove whole files: those in which each row matches, or all of a folder."""
        parts = self._parts(table, where)
        types = self._types(table, [test.column for test in where])
        with self._writing():
            due = [part.path for part in parts if self._all_match(part, where, types)]
            if whole_folders:
                alive = {part.path.parent for part in parts if part.path not in due}
                due = [path for path in due if path.parent not in alive and "=" in path.parent.name]
            keep = due[:1] if len(due) == len(parts) and table not in self._declared else []
            for path in due:
                if path not in keep:
                    self._remove(path)

    def _remove(self, path: Path) -> None:
        replacing.remove(self.system, path)
        path.with_name(f".{path.name}.crc").unlink(missing_ok=True)

    def _all_match(self, part: Part, where: Where, types: Mapping[str, str]) -> bool:
        names = list(dict.fromkeys(test.column for test in where))
        matching = arrow.expression(where, types)
        with replacing.present(self.system, part.path):
            pieces = list(self._read(part, names, types)) if names else []
        return bool(pieces) and all(piece.filter(matching).num_rows == piece.num_rows for piece in pieces)

    def _columns(self, part: Part, declared: Mapping[str, str]) -> Mapping[str, str]:
        schema = pq.read_schema(part.path)
        told = {field.name: _plain(field.type) for field in schema}
        folders = {name: values.TEXT for name in self._folders(part) if name not in told}
        return {name: declared.get(name, plain) for name, plain in {**told, **folders}.items()}

    def _read(self, part: Part, names: Sequence[str], types: Mapping[str, str]) -> Iterator[pa.Table]:
        with self._opened(part) as file:
            there = [name for name in names if name in file.schema_arrow.names]
            for batch in file.iter_batches(BATCH_ROWS, columns=there):
                yield self._fitted(pa.Table.from_batches([batch]), part, names, types)

    def _rewrite(self, part: Part, edit: Edit, types: Mapping[str, str]) -> None:
        if not self._changes(part, edit, types):
            return
        if any((part.path.parent / name).exists() for name in SUMMARIES):
            raise refusal("connector.unsupported", self.system, name=part.path.parent.name)

        def write(following: Path) -> None:
            with self._opened(part) as file:
                told = file.metadata
                codec = told.row_group(0).column(0).compression if told.num_row_groups else "SNAPPY"
                with pq.ParquetWriter(
                    following,
                    file.schema_arrow,
                    compression="NONE" if codec == "UNCOMPRESSED" else codec,
                    write_statistics=False,
                    use_dictionary=False,
                ) as writer:
                    for batch in file.iter_batches(BATCH_ROWS):
                        writer.write_table(self._edited(pa.Table.from_batches([batch]), part, edit, types))

        replacing.replace(self.system, part.path, write)
        part.path.with_name(f".{part.path.name}.crc").unlink(missing_ok=True)

    def _changes(self, part: Part, edit: Edit, types: Mapping[str, str]) -> bool:
        if isinstance(edit, Texts):
            names = list(dict.fromkeys([*edit.key, edit.column]))
            found = self._read(part, names, types)
            return any(arrow.rewritten(one, edit.column, edit.key, edit.texts)[1] for one in found)
        names = list(dict.fromkeys(test.column for test in edit.where))
        for piece in self._read(part, [*names, *self._blanked(part, edit, names)], types):
            hit = piece.filter(arrow.expression(edit.where, types))
            if hit.num_rows and (
                isinstance(edit, Drop) or any(hit[name].null_count < hit.num_rows for name in edit.columns)
            ):
                return True
        return False

    def _blanked(self, part: Part, edit: Drop | Blank, names: Sequence[str]) -> list[str]:
        if isinstance(edit, Drop):
            return []
        folders = self._folders(part)
        for name in edit.columns:
            if name in folders:  # the value stands in the folder's name
                raise refusal("connector.unsupported", self.system, name=name)
        return [name for name in edit.columns if name not in names]

    def _edited(self, rows: pa.Table, part: Part, edit: Edit, types: Mapping[str, str]) -> pa.Table:
        match edit:
            case Drop(where=where):
                return rows.filter(pc.invert(self._mask(rows, part, where, types)))
            case Blank(columns=columns, where=where):
                hit = self._mask(rows, part, where, types)
                for name in [one for one in columns if one in rows.column_names]:
                    place = rows.column_names.index(name)
                    field = rows.schema.field(place)
                    new = pc.if_else(hit, pa.scalar(None, field.type), rows[name])
                    rows = rows.set_column(place, field, new)
                return rows
            case Texts(column=column, key=key, texts=texts):
                fitted = self._fitted(rows, part, list(dict.fromkeys([*key, column])), types)
                new, changed = arrow.rewritten(fitted, column, key, texts)
                place = rows.column_names.index(column)
                field = rows.schema.field(place)
                return rows.set_column(place, field, new[column].cast(field.type)) if changed else rows
            case _:
                assert_never(edit)

    def _mask(self, rows: pa.Table, part: Part, where: Where, types: Mapping[str, str]) -> pa.ChunkedArray:
        names = list(dict.fromkeys(test.column for test in where))
        return arrow.mask(self._fitted(rows, part, names, types), where, types)

    def _fitted(self, rows: pa.Table, part: Part, names: Sequence[str], types: Mapping[str, str]) -> pa.Table:
        """These columns in the plain types; the folders' values and what the file lacks are the same in every row."""
        folders = self._folders(part)
        made = {}
        for name in names:
            target = values.ARROW[types[name]]
            if name in rows.column_names:
                made[name] = _cast(rows[name], target)
            else:
                constant = pa.scalar(folders.get(name), pa.string()).cast(target)
                made[name] = pa.chunked_array([pa.repeat(constant, rows.num_rows)])
        return pa.table(made)

    def _folders(self, part: Part) -> dict[str, str | None]:
        told = [one.partition("=") for one in part.path.relative_to(self._folder).parts[:-1]]
        return {name: None if value == NULL_FOLDER else value for name, sign, value in told if sign}

    def _opened(self, part: Part) -> pq.ParquetFile:
        for folder in part.path.parents:
            if (folder / "_delta_log").is_dir():
                raise refusal("connector.unsupported", self.system, name=folder.name)
            if folder == self._folder:
                break
        return pq.ParquetFile(part.path)


def _plain(native: pa.DataType) -> str:
    return values.TEXT if pa.types.is_nested(native) else values.plain_type(str(native))


def _cast(column: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_nested(column.type):
        told = [None if one is None else json.dumps(one, ensure_ascii=False, default=str) for one in column.to_pylist()]
        return pa.chunked_array([pa.array(told, pa.string())])
    return column.cast(target, safe=False)
