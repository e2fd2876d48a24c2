# Sellers, messages in the portal, keys of the management API.
