"""Masks: the same weights under three masks, BERT and GPT side by side, and what textbooks get wrong."""

from gptviz.ui.runner import show

show("masks")
