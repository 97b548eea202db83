"""The school's own types: what its file says of it (`school`), its terms, its jobs and channels, and who is away."""
