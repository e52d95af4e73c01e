"""The page "Beam search": the tree of hypotheses, step by step, and what the search is worth."""
