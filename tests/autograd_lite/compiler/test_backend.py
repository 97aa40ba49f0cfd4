"""Which backend runs what, and what is said where it is not installed."""

import pytest

from autograd_lite import compile
from autograd_lite.compiler import backend


def test_a_missing_backend_names_the_command(monkeypatch):
    monkeypatch.setattr(backend, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-lite\[fast\]'"):
        compile(lambda x: x, backend="native")
    assert compile(lambda x: x * x, backend="auto").backend == "python"


def test_auto_needs_numba_and_scipy(monkeypatch):
    for missing in ("numba", "scipy"):
        monkeypatch.setattr(backend, "find_spec", lambda name, missing=missing: None if name == missing else True)
        assert backend.choose_backend("auto") == backend.choose_backend("python") == "python"
        with pytest.raises(ImportError, match="the native backend needs numba and SciPy"):
            backend.choose_backend("native")
    with pytest.raises(ValueError, match="backend must be one of 'auto', 'python', 'native', got 'cuda'"):
        backend.choose_backend("cuda")
    monkeypatch.setattr(backend, "find_spec", lambda name: True)
    assert [backend.choose_backend(name) for name in ("auto", "python", "native")] == ["native", "python", "native"]
