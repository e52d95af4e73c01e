"""The series: GPT to GPT-5 and their relatives by date and size, each with its source; where the models here stand."""

from gptviz.ui.runner import show

show("series")
