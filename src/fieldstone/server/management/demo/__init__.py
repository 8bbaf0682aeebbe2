"""The demonstration: four programs, and some hundreds of invented learners midway through them.

Everything goes through the same actions as real work does; only the clock is given. Every person is synthetic.
"""
