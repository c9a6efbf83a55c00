"""What `tw.autotune` is made of: configurations, keys, copies, races, and what is remembered."""
