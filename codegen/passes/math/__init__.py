"""The functions of LANGUAGE.md section 6 as formulas, one family per file."""
