"""The finance officer's desk: one module for each noun, and the parts of a noun that is large."""
