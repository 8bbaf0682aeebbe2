"""The documentation is tested like the code."""
