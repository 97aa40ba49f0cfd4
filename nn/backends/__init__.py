"""What runs a training: eagerly, as straight-line Python, or as machine code.

`backend.py` says what a backend is given and what it does, and `choice.py` chooses one. A backend works in one of two ways, by
one step after another (`stepwise.py`) or in whole epochs, and with graphs made anew or with a recording (`recorded.py`):

|                                | graphs made anew | a recording |
| ------------------------------ | ---------------- | ----------- |
| one step after another         | `eager.py`       | `python.py` |
| whole epochs, in machine code  |                  | `native.py` |
"""
