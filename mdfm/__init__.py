"""The doors of the fund's books: the command line, and the example that it plays."""
