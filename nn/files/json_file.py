"""JSON files of numbers, each with a format, a version and a checksum, written whole or not at all.

A float is written so that the same bits are read back; one that is not finite is one of the strings "nan", "inf", "-inf".
`checksum` is the CRC-32 of all else, as JSON with sorted keys in ASCII: it tells a damaged file. A file that another program
wrote, or a person edited, does without it.
"""

from __future__ import annotations

import errno
import json
import math
import os
import reprlib
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

from autograd_lite.basics.arraylike import plain
from autograd_lite.basics.checks import wrong_type
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.files import read_whole, target_of, write_whole
from nn.files.schema import DEEPEST, deepest

VERSION: Final = 1


def write_json(path: str | Path, content: dict[str, Any]) -> None:
    """Write a JSON file so that at any moment there is the old one or the new one, never a part."""
    texts = _texts(_jsonable(content))
    texts["checksum"] = Text(str(_checksum(texts)))
    fields = ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {text.written}" for name, text in texts.items())
    check_folder(path)
    write_whole(path, f"{{{fields}}}\n")


def check_folder(path: str | Path) -> None:
    """Check that there is a folder for a file that is to be written, and that the file is none itself.

    Raises:
        FileNotFoundError, IsADirectoryError: so it is; the message names it.
    """
    if target_of(path).is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not target_of(path).parent.is_dir():
        raise FileNotFoundError(f"cannot write {in_message(path)}: there is no directory {in_message(target_of(path).parent)}")


def read_json(path: str | Path, expected: str) -> dict[str, Any]:
    """The content of a JSON file of the expected format, still to be held against its schema.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is no JSON, nested too deeply, damaged, or of another format or version.
    """
    named = in_message(path)
    try:
        written = json.loads(read_whole(path).decode(), object_pairs_hook=_named_once)
    except (ValueError, RecursionError) as error:  # JSONDecodeError, UnicodeDecodeError; brackets within brackets without end
        raise ValueError(f"{named} is no {expected} file, or is cut short: {error}") from error
    if not isinstance(written, dict) or written.get("format") != expected:
        found = written.get("format") if isinstance(written, dict) else type(written).__name__
        raise ValueError(f"{named} is no {expected} file: its format is {reprlib.repr(found)}")
    if deepest(written) > DEEPEST:
        raise ValueError(f"{named} is no {expected} file: lists and records in it are nested {deepest(written)} deep")
    if written.get("version") != VERSION:
        version = reprlib.repr(written.get("version"))
        raise ValueError(f"{named} is of version {version}; this library reads version {VERSION}")
    checksum = written.pop("checksum", None)
    if checksum is not None and checksum != _checksum(_texts(written)):
        raise ValueError(f"{named} is damaged: its content does not give its checksum. If you edited it, remove the checksum")
    content: dict[str, Any] = _infinite(written)
    return content


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A record, in which no name may come twice: one of the two would be lost."""
    named = dict(pairs)
    if len(named) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"the name {reprlib.repr(twice)} comes twice")
    return named


class Text(NamedTuple):
    """A field of a file as it is written, and in the form that the checksum is of."""

    written: str
    summed: str = ""


def _texts(content: dict[str, Any]) -> dict[str, Text]:
    """The fields of a file as JSON.

    Numbers, as most of a file is, are turned into text once, for both forms: the records are then sorted as texts.
    """
    texts = {}
    for name, item in content.items():
        written = json.dumps(item, ensure_ascii=False, allow_nan=False)
        parts = written[2:-1].split(', "') if type(item) is dict and is_plain(item) and written.isascii() else []
        if parts and len(parts) == len(item):  # else there is such a sign in a name
            summed = f"""{{"{', "'.join([part for _, part in sorted(zip(item, parts, strict=True))])}}}"""
        else:
            summed = json.dumps(item, sort_keys=True)
        texts[name] = Text(written, summed)
    return texts


def _checksum(texts: dict[str, Text]) -> int:
    fields = ", ".join(f"{json.dumps(name)}: {texts[name].summed}" for name in sorted(texts))
    return crc32(f"{{{fields}}}".encode())


def _jsonable(item: Any) -> Any:
    """The same with what JSON can hold: strings for floats that are not finite, Python's numbers for NumPy's."""
    item = plain(item)
    if is_plain(item):
        return item
    if isinstance(item, float) and not math.isfinite(item):
        return str(float(item))
    if isinstance(item, dict):
        return {key: _jsonable(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_jsonable(value) for value in item]
    if item is not None and not isinstance(item, str | int | float):
        raise wrong_type("what a file holds", "numbers, texts, lists and records", item)
    return item


def is_plain(item: Any) -> bool:
    """Whether it is a list or a record of finite floats alone, as most of a file is: told at once."""
    numbers = item.values() if type(item) is dict else item if type(item) is list else ()
    return bool(numbers) and {*map(type, numbers)} == {float} and math.isfinite(sum(map(abs, numbers)))


def _infinite(item: Any) -> Any:
    """The same with the floats that `_jsonable` made strings of."""
    if isinstance(item, str) and item in ("nan", "inf", "-inf"):
        return float(item)
    if is_plain(item):
        return item
    if isinstance(item, dict):
        return {key: _infinite(value) for key, value in item.items()}
    return [_infinite(value) for value in item] if isinstance(item, list) else item
