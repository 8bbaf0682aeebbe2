"""Copies of awards on their way into wallets: offers, what a wallet was allowed, and what it fetched."""
