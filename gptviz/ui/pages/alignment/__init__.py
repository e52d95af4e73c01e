"""Alignment: which of two answers is better, and what a model becomes that learns it."""
