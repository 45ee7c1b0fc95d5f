"""The arithmetic of staffing cost and of grant: each line once, readable three ways."""
