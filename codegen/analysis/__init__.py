"""Facts about values; computed when asked, never stored in the IR."""
