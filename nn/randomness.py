"""Where random numbers come from: weights that begin, samples that are drawn, inputs that are dropped."""

from __future__ import annotations

import random
from numbers import Integral
from random import Random
from typing import Any, TypeAlias

from autograd_lite.basics.checks import wrong_type

Seed: TypeAlias = int | Random | None


def generator(seed: Seed) -> Random:
    """The generator that a seed stands for.

    Arguments:
        seed: a whole number, for the same random numbers again; a `random.Random`, which is used itself; or None for the one
            behind the functions of Python's module `random`, which `random.seed` governs. NumPy's seed has no part in it.

    Raises:
        TypeError: it is something else.

    Example:
        >>> import random
        >>> from nn import MLP
        >>> random.seed(1337)
        >>> model = MLP(2, [3, 1])
        >>> random.seed(1337)
        >>> MLP(2, [3, 1]).state_dict() == model.state_dict()
        True
    """
    if seed is None:
        return random._inst  # random.random, random.gauss and the others are methods of it
    if isinstance(seed, Random):
        return seed
    if not isinstance(seed, Integral):
        raise wrong_type("seed", "a whole number, a random.Random or None", seed)
    return Random(int(seed))


def uniform(random: Random, count: int) -> Any:
    """So many numbers of `random.random()` as an array: an optimization, for which NumPy's generator of the same kind draws."""
    import numpy

    if type(random) is not Random:
        return numpy.array([random.random() for _ in range(count)])
    version, words, gauss = random.getstate()
    same = numpy.random.MT19937()
    same.state = {"bit_generator": "MT19937", "state": {"key": numpy.array(words[:-1], numpy.uint32), "pos": words[-1]}}
    numbers = numpy.random.Generator(same).random(count)
    after = same.state["state"]
    random.setstate((version, (*after["key"].tolist(), after["pos"]), gauss))
    return numbers
