"""The authority's books, in the forms they really come in, read into one tidy ledger."""
