"""Names of other libraries that people look for here: the error says what to write instead."""

from __future__ import annotations

import dis
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, Self, TypeVar, cast

TABLES: Final = "the tables of docs/how-to/from-*.md say what names of other libraries are here"
NO_DEVICE: Final = "there are no devices, and a number keeps the type it is given"
DRAWN: Final = "numbers are drawn by Python's random, random.seed(0), or by NumPy's"
OWN: Final = "write @primitive(derivatives=[...])"
NUMBER: Final = "a Value is one number, and a vector a list of Values, or an array of them"

# What is looked for in `autograd_lite`, as PyTorch, JAX and HIPS autograd have it.
OF_ENGINE: Final = {
    **dict.fromkeys(("tensor", "Tensor", "array", "Variable"), f"{NUMBER}: Value(2.0), [Value(1.0), Value(2.0)]"),
    **dict.fromkeys(("zeros", "ones", "from_numpy", "stack", "cat", "matmul", "numpy"), f"{NUMBER}: NumPy's work on it"),
    **dict.fromkeys(("rand", "randn", "manual_seed", "random"), DRAWN),
    **dict.fromkeys(("device", "device_put", "float32", "float64"), NO_DEVICE),
    **dict.fromkeys(("save", "load"), "for models nn.save, nn.load"),
    **dict.fromkeys(("nn", "optim"), "it is a package beside this one: import nn, nn.SGD"),
    **dict.fromkeys(("jit", "make_jaxpr"), "write compile(f), and print(compiled.source)"),
    **dict.fromkeys(("vmap", "pmap"), "write [f(x) for x in xs], or compile(f, in_axes=(None, 0)) for the mean"),
    **dict.fromkeys(("custom_jvp", "custom_vjp", "custom_gradient", "Function", "defvjp"), OWN),
    **dict.fromkeys(("set_grad_enabled", "inference_mode", "enable_grad"), "write with no_grad():, and leave that block"),
    **dict.fromkeys(("fori_loop", "while_loop"), "write fori(n, f, carry), or a loop of Python"),
    **dict.fromkeys(("cond", "switch"), "write if, or in what is compiled where(condition, a, b)"),
    **dict.fromkeys(("checkpoint", "remat"), "leave it out, or write compile(f)"),
    **dict.fromkeys(("tree_map", "tree_util", "tree"), "trees.flatten takes nested arguments apart"),
    **dict.fromkeys(("make_vjp", "make_jvp", "linearize"), "write vjp(f, x), or jvp(f, (x,), (v,))"),
    **dict.fromkeys(("make_hvp", "hessian_vector_product"), "write hvp(f, (x,), (v,))"),
    **dict.fromkeys(("elementwise_grad", "deriv"), "write [grad(f)(x) for x in xs]"),
    "holomorphic_grad": "write jacobian of the real and the imaginary part, two numbers",
    "grad_and_aux": "write grad(f, has_aux=True)",
    "gradcheck": "write check_grads(f, args)",
    "clamp": "write clip(x, low, high)",
    "max": "write maximum(a, b), or Python's max of several",
    "min": "write minimum(a, b), or Python's min of several",
    "pow": "write x ** n",
    "add": "write a + b",
    "lax": "its operations are here, as cond is where(condition, a, b), and scan(f, carry, xs)",
}

# What is looked for in a Value, as a tensor has it.
OF_VALUE: Final = {
    **dict.fromkeys(("item", "numpy", "tolist", "cpu", "value"), "the number is its .data"),
    **dict.fromkeys(("shape", "dtype", "size", "view", "sum", "mean"), NUMBER),
    **dict.fromkeys(("zero_", "add_", "sub_", "copy_", "fill_"), "nothing is computed in place: set a leaf's .data"),
    **dict.fromkeys(("requires_grad", "requires_grad_"), "a leaf to be frozen is an nn.Parameter"),
    **dict.fromkeys(("retain_grad", "retains_grad"), "the .grad of an inner node is there without asking"),
    "clone": "write v + 0, or Value(v.data)",
    "grad_fn": "its operation is .op, and its operands .parents",
    "is_leaf": "write v.parents == ()",
    "register_hook": "write an operation with the rule that you want, @primitive(derivatives=[...])",
}

ALONG: Final = "leave it out: it takes one list of numbers. Write [f(row) for row in rows]; of an array np.sum(x, axis=0)"
NO_VARIANT: Final = "leave it out: there is no such variant here"
ENDS: Final = "write clip(x, low, high), with -math.inf or math.inf where there is no end"

OF_LISTS: Final = ("sum", "prod", "mean", "logsumexp", "softmax", "log_softmax")

# What is looked for in a call: an argument, or one of a certain function, or, with `()`, one more than that function takes.
# "write name=…" is told only of a function that has such an argument.
OF_CALLS: Final = {
    **{f"{of}({name})": ALONG for of in OF_LISTS for name in ("", "dim", "axis", "keepdim", "keepdims")},
    "Embedding(dim)": "write embedding_dim=3",
    **dict.fromkeys(("reduction", "size_average", "reduce"), "a loss is of one sample: write mean, or sum, of a list of them"),
    **dict.fromkeys(("argnum", "wrt", "argnames"), "write argnums=0, or argnums=(0, 1)"),
    **dict.fromkeys(("inplace", "out"), "leave it out: nothing is computed in place"),
    **dict.fromkeys(("device", "dtype"), NO_DEVICE),
    **dict.fromkeys(("clip(min)", "clip(max)", "clip(a_min)", "clip(a_max)"), ENDS),
    **dict.fromkeys(("lr", "fit(learning_rate)", "fit(eta)"), "write optimizer=SGD(model.parameters(), lr=0.1)"),
    **dict.fromkeys(("learning_rate", "eta"), "write lr=0.1"),
    **dict.fromkeys(("amsgrad", "maximize", "dampening", "centered", "foreach", "fused", "capturable"), NO_VARIANT),
    **dict.fromkeys(("validation_data", "validation_split"), "write validation=(inputs, targets), or a share, validation=0.2"),
    **dict.fromkeys(("static_argnums", "static_argnames"), "write functools.partial(f, n=3): each is recorded by itself"),
    "gradient": "it begins with 1: for another factor write (factor * y).backward(), and for several y that of their sum",
    "create_graph": "write grad(grad(f)), whose inner gradient is a graph",
    "backward(inputs)": "leave it out: every leaf gets its gradient; grad(f, argnums=(0, 1)) gives those that you name",
    "holomorphic": "write jacobian of the real and the imaginary part, two numbers",
    "allow_int": "leave it out: a whole number is differentiated by, too",
    "approximate": "leave it out: it is the exact form; the other is 0.5 * x * (1 + tanh(0.79788456 * (x + 0.044715 * x**3)))",
    "huber(delta)": "its δ is 1: for another write δ**2 * huber(output / δ, target / δ)",
    "random_state": "write seed=0",
    "train_size": "write test_size=0.2, the share of the others",
    "train_test_split(shuffle)": "leave it out, since they are shuffled; in their own order write inputs[:80], inputs[80:]",
    "verbose": "write progress=False, or progress=True",
    **dict.fromkeys(("weight", "class_weight"), "write class_weights=[1.0, 2.0]"),
    **dict.fromkeys(
        ("fit(class_weight)", "evaluate(class_weight)"),
        "write loss=functools.partial(cross_entropy, class_weights=[1.0, 2.0])",
    ),
}

# What Python says of a call that does not fit, behind the name of the function
UNFIT: Final = re.compile(r"\(\) (?:got an unexpected keyword argument '(\w+)'|takes (?:\d|from)|missing \d)")
ADVISED: Final = re.compile(r"write (\w+)=")  # the argument that a sentence says to write
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
KindT = TypeVar("KindT", bound=type)


def answers_calls(function: FunctionT) -> FunctionT:
    """A function, or a class, that says what to write instead where a call does not fit it; else it is as it was."""
    if isinstance(function, type):
        function.__init__ = answers_calls(function.__init__)  # type: ignore[misc]
        return function

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            begun = error.__traceback__ is not None and error.__traceback__.tb_next is not None
            if begun:  # it is not of this call, but of something within
                raise
            raise answered(error, function) from None

    return cast(FunctionT, call)


def answered(error: TypeError, function: Callable[..., Any]) -> TypeError:
    """The error of a call that does not fit a function, with what to write instead: at least, what arguments there are."""
    place = getattr(function, "__qualname__", "")
    said = str(error).partition(". Did you mean ")[0].removeprefix(place)  # Python 3.13 asks so, of names that are similar
    found = UNFIT.match(said)
    if not found:
        return error
    owner, name = place.removesuffix(".__init__").rpartition(".")[2], found[1]
    there = [name for name in inspect.signature(function).parameters if name != "self"]
    known = None if "missing" in found[0] else OF_CALLS.get(f"{owner}({name or ''})") or OF_CALLS.get(name)
    advised = ADVISED.match(known or "")
    if not known or (advised and advised[1] not in there):
        known = f"its arguments are {', '.join(there)}" if there else "it takes none"
    return TypeError(f"{owner}{said}: {known}")


class Elsewhere:
    """An attribute that things of another library have: to ask for it is an AttributeError with what to write instead."""

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, thing: Any, kind: type) -> Self:
        if thing is None:  # asked of the class
            return self
        raise AttributeError(f"{kind.__name__!r} object has no attribute {self.name!r}: {self.instead}")


def answers_missing(names: Mapping[str, str]) -> Callable[[KindT], KindT]:
    """A class whose things say what to write instead of these attributes, where neither they nor the bases behind have them."""

    def answering(kind: KindT) -> KindT:
        def missing(thing: Any, name: str) -> Any:
            try:
                behind = getattr(super(kind, thing), "__getattr__", None)
                return behind(name) if behind else object.__getattribute__(thing, name)  # Python's own error
            except AttributeError as error:
                if name not in names or error.obj is not thing or error.name != name:  # of something within a property
                    raise
                raise AttributeError(f"{error}: {names[name]}", name=name, obj=thing) from None

        at_run_time: Any = kind  # a type checker is not to take every attribute for one that is there
        at_run_time.__getattr__ = missing
        return kind

    return answering


def not_there(module: str, name: str, names: Mapping[str, str]) -> Exception:
    """The error of a module that has no such name, to be raised in its `__getattr__`."""
    instead = names.get(name, TABLES)
    frame = sys._getframe(2)
    if not name.startswith("_") and frame.f_code.co_code[frame.f_lasti] == dis.opmap["IMPORT_FROM"]:
        return ImportError(f"cannot import name {name!r} from {module!r}: {instead}", name=module)  # Python's own says no more
    return AttributeError(f"module {module!r} has no attribute {name!r}" + (f": {instead}" if name[0] != "_" else ""))
