"""How quick the product is, as ratios against a named rival or a physical limit measured in the same run."""
