"""Deploy: fewer bits, fewer parts, and the six duties of serving a model, with live figures."""

from gptviz.ui.runner import show

show("deploy")
