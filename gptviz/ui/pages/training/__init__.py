"""Training: what is learnt from, what it costs, and the picture of a model while it learns."""
