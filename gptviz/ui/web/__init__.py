"""What all pages share on the way to the browser: the component, and the messages to and from it."""
