"""What all packages stand on, and what knows nothing of Values: arguments and messages, text and files, numbers."""
