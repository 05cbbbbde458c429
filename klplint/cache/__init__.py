"""What is kept between runs: entries by key, and the directory that holds them."""
