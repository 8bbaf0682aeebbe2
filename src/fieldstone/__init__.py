"""Fieldstone: micro-credentials for rural postsecondary communities."""
