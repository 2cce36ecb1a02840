"""Tests of server.programme."""
