"""The language: types, definitions, the frontend, the IR and its interpreter."""
