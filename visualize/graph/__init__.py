"""What every picture reads: the nodes of a graph, their names, their derivatives, the paths between them, and the layers."""
