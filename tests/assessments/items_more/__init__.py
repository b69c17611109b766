"""Item types beyond plain choice and ordering."""
