"""What all of Google's APIs have in common: routes, checks, masks, pages, batches and errors."""
