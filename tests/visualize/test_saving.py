"""`save` writes the format that is named, whole or not at all: see `autograd_lite.basics.files`."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograd_lite import Value
from visualize import save


@pytest.mark.parametrize(
    ("suffix", "start"),
    [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".dot", b"digraph"), (".html", b"<!DOCTYPE html>")],
)
def test_save_writes_the_format_that_the_suffix_names(suffix: str, start: bytes, tmp_path) -> None:
    path = save(Value(2.0, "x") * 3, tmp_path / f"graph{suffix}")
    assert path.read_bytes().startswith(start)


def test_pictures_saved_at_once_under_one_name_are_each_whole(tmp_path) -> None:
    path = tmp_path / "graph.dot"
    values = [Value(2.0, "x") * number for number in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda value: save(value, path), values * 5))
    assert path.read_text() in {save(value, tmp_path / "alone.dot").read_text() for value in values}
    assert sorted(os.listdir(tmp_path)) == ["alone.dot", "graph.dot"]


def test_a_picture_that_cannot_be_written_leaves_what_was_there(tmp_path) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(IsADirectoryError, match=r"folder\.svg"):
        save(Value(2.0, "x") * 3, tmp_path / "folder.svg")
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: .*graph\.svg"):
        save(Value(2.0, "x") * 3, tmp_path / "none" / "graph.svg")
    assert os.listdir(tmp_path) == ["folder.svg"]
    with pytest.raises(TypeError, match=r"^path must be the name of a file, got Value.*: save\(value, path\) has it second$"):
        save("graph.svg", Value(2.0))  # type: ignore[arg-type]
