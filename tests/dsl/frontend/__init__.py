"""Tests of the frontend: what Python in a kernel becomes."""
