"""Benchmarks: what Fieldstone can do in a second, beside what others can. `python -m benchmarks` lists them."""
