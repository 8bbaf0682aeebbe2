"""What goes between awards and wallets: offers, requests for credentials, and what was shown."""
