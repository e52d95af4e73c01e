"""Deploy: what fewer bits and fewer parts save and cost, and the six duties of serving a model, with live figures."""
