"""Tokens: how a text becomes tokens, what that costs in other vocabularies, and what a vocabulary holds."""
