"""JSON files of numbers, written whole or not at all."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, save
from nn.files.json_file import read_json, write_json


@given(
    st.recursive(
        st.floats(allow_nan=False) | st.integers() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_numbers_survive_the_json(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("json") / "file.json"
    write_json(path, {"format": "f", "version": 1, "content": content})
    assert read_json(path, "f")["content"] == content


def test_a_file_keeps_what_it_was_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    save(MLP(1, [1], seed=0), path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*model.json'"):
        save(MLP(1, [1], seed=1), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.json"]


def test_a_directory_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cannot write .*none/model.json: there is no directory .*none$"):
        save(MLP(1, [1]), tmp_path / "none" / "model.json")
