"""Credentials from elsewhere that a learner brought, and awards that wait to be claimed."""
