"""The pages, a folder each: what it declares, its state, what it shows."""
