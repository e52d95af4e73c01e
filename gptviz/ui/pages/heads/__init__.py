"""Heads, measured: what each head looks at, its labels by stated thresholds, and a test of each by ablation."""
