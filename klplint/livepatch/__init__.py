"""The livepatch switching contract: safe points, locks, pending tests, what sleeps."""
