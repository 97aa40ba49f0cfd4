"""The project's own prompt: `python -m autograd_lite`."""
