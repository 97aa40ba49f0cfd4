"""`compile`: a function recorded once and run as often as wanted, with its gradient, at the speed of the machine.

The way of a function through this folder:
- `compiled` is what a user sees. `request` has what was asked for, and `prepared` all that a call needs.
- `arguments` takes the arguments of a call apart into flat numbers, and `answers` puts results together.
- `trace` records the function on Values that refuse to be asked questions.
- `simplify` makes of the recording, forward and backward, a `tape`: a flat list of instructions.
- `backend` says what runs a tape: `python` writes it as source, `native` as machine code. `means` is what both do in a batch.
- `training` is what `nn` needs: models, losses and the optimizers' formulas (`update`), recorded in the same way.
"""

from autograd_lite.compiler.compiled import Compiled, compile

__all__ = ["Compiled", "compile"]
