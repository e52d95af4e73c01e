"""The first screen in the browser: its scripts and styles."""
