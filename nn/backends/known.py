"""What is known of a model as long as it is as it was, so that it need not be looked through again.

An optimization (`python -m benchmarks mnist`): to find all parameters of a large model takes as long as many steps of its
training.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from autograd_lite import Value
from nn.backends.contents import Contents
from nn.module import Module
from nn.samples import Tried


class Known:
    """What is known of a model.

    Attributes:
        contents: tells whether the model is as it was.
        tried: what the model gave when targets were tried.
    """

    def __init__(self, model: Module) -> None:
        self.contents = Contents(model, None, modes=False)
        self.tried = Tried()
        self._parameters: list[Value] | None = None

    def parameters(self, model: Module) -> list[Value]:
        """All parameters of the model, which it does not hold; see `Module.parameters`."""
        if self._parameters is None:
            self._parameters = model.parameters()
        return self._parameters


_known: WeakKeyDictionary[Module, Known] = WeakKeyDictionary()


def known_of(model: Module) -> Known:
    """What is known of a model; it is looked through where it may be another one than before."""
    try:
        known = _known.get(model)
    except TypeError:  # a module that cannot be a key: it defines an equality of its own
        return Known(model)
    if known is None or not known.contents.hold(model, None):
        known = _known[model] = Known(model)
    return known
