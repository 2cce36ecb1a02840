"""Tests of server.forms."""
