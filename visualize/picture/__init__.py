"""The graph as a Graphviz picture: its colours, what is drawn as one box, what is written in a box, and the layout."""
