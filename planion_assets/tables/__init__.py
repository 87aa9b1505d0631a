"""What a table is: Column, Table, the catalog, and pure transforms from a feed item to rows.

Knows neither Dagster nor HTTP nor where files lie. `catalog.TABLES` lists every table.
"""
