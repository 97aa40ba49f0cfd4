"""What all packages stand on, and knows nothing of Values: arguments and messages, text and files, numbers."""
