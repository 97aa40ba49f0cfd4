"""A character-level recurrent network: it reads a text letter by letter and learns to say which letter comes next.

The state after each letter is h ← tanh(W·[letter, h] + b), one layer used over and over; the gradient flows back through all
its uses. The text is its own test: once the network has learnt it, it can recite it from the first letter on.

    python examples/char_rnn.py
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd_lite import mean, no_grad
from nn import Adam, Layer, Module, clip_grad_norm, cross_entropy
from nn.datasets import one_hot

TEXT = "the chain rule, link by link."


class CharRNN(Module):
    """Letters in, logits of the next letter out."""

    def __init__(self, letters: str, hidden: int = 16, seed: int = 0) -> None:
        self.letters, self.hidden = letters, hidden
        self.codes = dict(zip(letters, one_hot(range(len(letters)), len(letters)), strict=True))
        self.recur = Layer(len(letters) + hidden, hidden, "tanh", seed=seed)
        self.read_out = Layer(hidden, len(letters), "identity", seed=seed + 1)

    def forward(self, text: Any) -> Iterator[Any]:
        """The logits after each letter, as the letters come in."""
        h: list[Any] = [0.0] * self.hidden
        for letter in text:
            h = self.recur([*self.codes[letter], *h])
            yield self.read_out(h)

    def loss(self, text: str) -> Any:
        """The mean cross-entropy of each next letter."""
        outputs = zip(self(text[:-1]), text[1:], strict=True)
        return mean([cross_entropy(logits, self.letters.index(letter)) for logits, letter in outputs])

    def recite(self, first: str, length: int) -> str:
        """The likeliest text of this length that begins with this letter."""
        text = [first]
        with no_grad():
            outputs = self(iter(text))  # each letter that is appended is read in its turn
            while len(text) < length:
                logits = next(outputs)
                text.append(self.letters[logits.index(max(logits))])
        return "".join(text)


def main(steps: int = 60, text: str = TEXT) -> str:
    model = CharRNN("".join(sorted(set(text))))
    optimizer = Adam(model.parameters(), lr=0.03)
    for step in range(steps):
        model.zero_grad()
        loss = model.loss(text)
        loss.backward()
        clip_grad_norm(model.parameters(), 1.0)
        optimizer.step()
        if step % 10 == 0 or step == steps - 1:
            print(f"step {step:2d}, loss {loss.data:.4f}: {model.recite(text[0], len(text))}")
    return model.recite(text[0], len(text))


if __name__ == "__main__":
    main()
