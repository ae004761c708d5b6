"""Commands for everyone: the demo, a new book, people and their roles, proposals."""
