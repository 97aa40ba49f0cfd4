"""What a graph is made of, below `Value`: operands and how they are kept, the order of a walk, what is out of date."""
