"""The shared parts of the delivery in both clouds: the message, the outcome for each recipient, and matching of texts.

A delivery decides by the settings that a tenant stores, in the order of the vendor's service. It changes nothing.
"""
