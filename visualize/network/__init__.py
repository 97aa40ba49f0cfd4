"""The picture of a network as in a textbook: columns of nodes, and an edge for each weight."""
