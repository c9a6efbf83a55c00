"""How exact the formulas of codegen/passes/math are."""
