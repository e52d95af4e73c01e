"""What all pages share in the browser: scripts, styles, and the messages to and from them."""
