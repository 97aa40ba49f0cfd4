"""Hypothesis profiles: `quick`, the usual one, with the same examples in every run, and `thorough`, for long runs.

pytest --hypothesis-profile=thorough tests/autograd_lite/test_checking.py -k no_false_alarm
"""

from hypothesis import settings

settings.register_profile("quick", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.load_profile("quick")
