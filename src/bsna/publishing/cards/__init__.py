"""Every published number leads to a card: what it is called, how it was made, and from what."""
