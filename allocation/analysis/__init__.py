"""Questions around a plan: why, what else, what if, at what price; each asked of the engine again."""
