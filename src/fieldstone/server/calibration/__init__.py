"""Worked examples with true scores, and who has shown that she judges by the rubric."""
