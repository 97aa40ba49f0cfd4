"""The commands of `python -m nn`: train a network, explain one weight of it, show what was saved.

`parser.py` says what can be asked for. `recipes.py` and `table.py` train: on data sets, and on a CSV file, which `csv_file.py`
reads; what they share is in `running.py`, and what they leave behind is written by `results.py`. `looking.py` explains and
shows.
"""

from nn.commands.parser import main

__all__ = ["main"]
