"""Rows: what each kind of rule demands, as linear conditions; one module per kind, pure functions all."""
