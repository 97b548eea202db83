"""Legal holds: placing, confirming, comparing and releasing them."""
