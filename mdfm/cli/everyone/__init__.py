"""Commands that everybody needs: the demo, a new book, people and their roles, proposals."""
