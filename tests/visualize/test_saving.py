"""`save` writes the format that is named, whole or not at all."""

import os
from pathlib import Path

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


def test_a_file_is_written_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    path = tmp_path / "graph.svg"
    path.write_text("before")

    def full(self: Path, content: bytes) -> None:
        with open(self, "wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match=r"No space left on device: .*graph\.svg"):
            save(Value(2.0, "x") * 3, path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["graph.svg"]
    link = tmp_path / "link.svg"
    link.symlink_to(path)
    save(Value(2.0, "x") * 3, link)
    assert link.is_symlink()
    assert "<svg" in path.read_text()
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(IsADirectoryError):
        save(Value(2.0, "x") * 3, tmp_path / "folder.svg")
