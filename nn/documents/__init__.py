"""The documents' mathematics: what the engine's `backward` computes, derived once more, step by step and in their letters.

`backpropagation.py` has the recursion in matrices, and `derive.py` the chain rule for one weight, factor by factor. Both get
their numbers without `backward`, so each holds the other to account.
"""
