"""Pages by journey (learn, author, hr, account) and the design system they share."""
