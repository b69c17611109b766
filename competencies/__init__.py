"""The standard: frameworks, levels, role profiles; and each person's evidence and estimates."""
