"""Hypothesis profiles: `quick` (the usual one: the same examples in every run) and `thorough` (`--hypothesis-profile=thorough`)."""

from hypothesis import settings

settings.register_profile("quick", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.load_profile("quick")
