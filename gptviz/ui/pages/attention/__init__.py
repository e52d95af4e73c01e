"""Attention, start to end: one head at one query, every number with its sum, its lines, its maps, a sheet for paper."""
