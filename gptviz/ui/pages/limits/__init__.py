"""Limits: small experiments on what the open model cannot do, each on the visitor's text and measured over a set."""
