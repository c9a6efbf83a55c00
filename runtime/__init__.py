"""The user's verbs: kernels, launches, devices, streams, the disk cache. Owns disk, devices and time."""
