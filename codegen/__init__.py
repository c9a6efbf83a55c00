"""From IR to bytes: passes, plans, emitters. A pure function: no disk, device or environment."""
