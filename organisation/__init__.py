"""Units over time, people and their postings, accounts, and who may see what."""
