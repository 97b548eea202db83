"""The common parts of Google's APIs: routes, checks, masks, pages, batches and errors."""
