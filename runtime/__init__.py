"""The user's verbs: kernels, launches, devices, streams, the cache. Owns disk, devices and time."""
