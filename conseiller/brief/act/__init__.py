"""The act put to the vote: what is decided, with whose money, and how each part of it is worded."""
