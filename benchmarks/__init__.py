"""How fast the project is, beside a floor and other ways of reading the same feed: `make bench`.

No part of the project and of its tests; nothing in `planion_assets` imports it. docs/reference/performance.md says
what is measured and shows the figures.
"""
