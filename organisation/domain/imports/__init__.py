"""HR's staff file: check it whole, show what it would do, then do all of it or nothing."""
