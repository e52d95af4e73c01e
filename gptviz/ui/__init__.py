"""Everything that knows Streamlit: caches, controls, the browser component and what travels to and from it."""
