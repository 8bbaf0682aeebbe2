"""Hostile input by the million: one target for each parser, run for a minute by `make test` and by hand for hours.

    python -m tests.fuzz --minutes 60               every target in turn
    python -m tests.fuzz --minutes 10 --target svg  one of them
    python -m tests.fuzz --target svg --input FILE  one input again

The law: whatever the bytes, a parser answers or refuses with `CredentialError`, soon and with little memory.
`targets` is the table of parsers, `mutate` makes inputs of the seeds, `engine` runs them and keeps those that were
answered in a new way, so that later inputs grow out of them.
"""
