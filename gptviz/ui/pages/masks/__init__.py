"""Masks: one text under three masks on the same weights, the two halves of a transformer, claims put to the test."""
