"""Rules: read from rules/ and --rules, selected, overridden by the configuration."""
