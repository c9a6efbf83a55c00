"""Tests of the runtime: launches, arrays, streams, caches, bundles."""
