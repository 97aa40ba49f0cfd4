"""The page that plays both passes: its document, the graph as it needs it, and the primitives as JavaScript."""
