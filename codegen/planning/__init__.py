"""Planning for all backends: loops over index spaces, what they keep, and the order of it all."""
