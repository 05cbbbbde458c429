"""What several tests need: data, ways to run klplint, and what is expected of it."""
