"""The laws of the house, as tests; CONTRIBUTING.md says why each one is there."""
