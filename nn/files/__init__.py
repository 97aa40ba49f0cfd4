"""Models as files: a plain JSON format that can hold no code, and a text that people can read and edit."""
