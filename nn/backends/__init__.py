"""What runs a training: eagerly, as straight-line Python, or as machine code.

`backend.py` says what a backend is given and what it does; `choice.py` chooses one. There are three, in files of their names:

|                             | with graphs made anew | with a recording |
| --------------------------- | --------------------- | ---------------- |
| one step after another      | eager                 | python           |
| whole epochs at once        |                       | native           |

What the first row has in common is in `stepwise.py`; what the second column has in common is in `compiled.py`, and what it runs
in `recording.py`.
"""
