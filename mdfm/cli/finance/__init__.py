"""The finance officer's desk: a module for each noun, and for the larger parts of a noun."""
