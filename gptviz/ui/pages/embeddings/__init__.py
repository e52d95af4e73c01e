"""Embeddings: the rows of a text's tokens, what is near them, a map of the vocabulary, and positions compared."""
