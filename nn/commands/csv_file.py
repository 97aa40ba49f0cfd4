"""A CSV file as columns of numbers and of words. What cannot be learnt from is an error that names column and line."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from autograd_lite.basics.checks import wrong_value
from autograd_lite.basics.command_line import UsageError
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.files import read_whole

SEPARATORS: Final = (",", ";", "\t", "|")
MISSING: Final = frozenset({"", "?", "na", "n/a", "nan", "null", "none"})  # in small letters
MOST_WORDS: Final = 50  # a column of more different words tells single rows apart, and nothing of others


class Column(NamedTuple):
    """One column: its name, and what is in each row: numbers in all, or words in all."""

    name: str
    cells: list[Any]

    @property
    def is_words(self) -> bool:
        """Whether it holds words."""
        return isinstance(self.cells[0], str)


class CsvFile(NamedTuple):
    """The cells of a file, and in which lines its rows are. The path is as messages show it."""

    path: str
    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    separator: str

    def without(self, ignored: Sequence[str]) -> CsvFile:
        """The file without these columns."""
        for name in ignored:
            self.place(name)
        kept = [k for k, name in enumerate(self.names) if name not in ignored]
        return self._replace(names=[self.names[k] for k in kept], rows=[[row[k] for k in kept] for row in self.rows])

    def complete(self, drop: bool, target: str) -> CsvFile:
        """The file, if nothing is missing in it; or without the rows in which something is. The target cannot be ignored."""
        kept = []
        for i, (row, line) in enumerate(zip(self.rows, self.lines, strict=True)):
            lacking = [name for name, cell in zip(self.names, row, strict=True) if cell.strip().lower() in MISSING]
            if not lacking:
                kept.append(i)
            elif not drop:
                without = "" if lacking[0] == target else f", or the column with --ignore {lacking[0]!r}"
                raise UsageError(
                    f"{self.path}, line {line}: column {lacking[0]!r} has nothing in it: fill it, or leave such rows out with "
                    f"--drop-missing{without}"
                )
        if not kept:
            raise UsageError(f"{self.path}: in every row something is missing")
        return self._replace(rows=[self.rows[i] for i in kept], lines=[self.lines[i] for i in kept])

    def place(self, name: str) -> int:
        """Where the column of that name is."""
        if name not in self.names:
            raise UsageError(str(wrong_value(f"a column of {self.path}", f"one of {', '.join(map(repr, self.names))}", name)))
        return self.names.index(name)

    def column(self, name: str) -> Column:
        """The column of that name, as numbers or as words."""
        cells = [row[self.place(name)].strip() for row in self.rows]
        numbers = [self.number(cell) for cell in cells]
        words = [i for i, number in enumerate(numbers) if number is None]
        if not words:
            return Column(name, numbers)
        if len(words) < len(cells):
            word, other = words[0], next(i for i, number in enumerate(numbers) if number is not None)
            raise UsageError(
                f"{self.path}: column {name!r} is neither numbers nor words: {cells[other]!r} in line {self.lines[other]}, "
                f"{cells[word]!r} in line {self.lines[word]}: mend it, or leave it out with --ignore {name!r}"
            )
        return Column(name, cells)

    def number(self, cell: str) -> float | None:
        """The number in a cell, which may have a decimal comma where columns are parted by another sign."""
        text = cell.replace(",", ".") if self.separator != "," and cell.count(",") == 1 else cell
        try:
            number = float(text)
        except ValueError:
            return None
        return number if math.isfinite(number) and "_" not in text else None


def read_csv(path: Path) -> CsvFile:
    """The cells of a file.

    Raises:
        UsageError: there is none, or it is no table with a header.
    """
    shown = in_message(path)
    try:
        text = read_whole(path).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"no file {shown}") from error
    except OSError as error:
        raise UsageError(f"cannot read {shown}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is no text in UTF-8 (byte {error.start}): save it as UTF-8") from error
    header = text.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, lines, begins = [], [], 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                rows.append(row)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{shown}, line {begins}: {error}") from error
    if len(rows) < 2:
        raise UsageError(f"{shown} has {'no rows' if rows else 'nothing in it'}: it needs a line of names, and rows under it")
    found = CsvFile(shown, [name.strip() for name in rows[0]], rows[1:], lines[1:], separator)
    check_header(found)
    for row, line in zip(found.rows, found.lines, strict=True):
        if len(row) != len(found.names):
            raise UsageError(
                f"{shown}, line {line} has {len(row)} cells, its first line {len(found.names)}: one for each column"
            )
    return found


def check_header(file: CsvFile) -> None:
    """Raise a UsageError for a first line that is no line of names."""
    if all(file.number(name) is not None for name in file.names):
        raise UsageError(f"the first line of {file.path} has numbers, expected the names of the columns: write them there")
    for name in file.names:
        if file.names.count(name) > 1:
            raise UsageError(f"{file.path} has two columns {name!r}: rename one")
    if "" in file.names:
        raise UsageError(
            f"column {file.names.index('') + 1} of {file.path} has no name: give it one; if it counts the rows, leave it out: "
            "pandas does by frame.to_csv(path, index=False)"
        )


def feature_columns(column: Column) -> list[Column]:
    """A column as numbers: of words, one column of 0 and 1 for each word."""
    if not column.is_words:
        return [column]
    words = sorted({*column.cells})
    if len(words) == len(column.cells):
        raise UsageError(
            f"column {column.name!r} has another word in each row, as {words[0]!r} and {words[-1]!r}: it tells rows apart, and "
            f"nothing of others: leave it out with --ignore {column.name!r}"
        )
    if len(words) > MOST_WORDS:
        raise UsageError(
            f"column {column.name!r} has {len(words)} different words, as {words[0]!r} and {words[1]!r}, and at most "
            f"{MOST_WORDS} are taken for categories: leave it out with --ignore {column.name!r}"
        )
    return [Column(f"{column.name}={word}", [float(cell == word) for cell in column.cells]) for word in words]
