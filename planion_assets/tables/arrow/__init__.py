"""From declarations and items to Arrow: schemas, columns, the builder of a conference's tables, their differences.

Knows no Parquet file and no path: what is written where is in `planion_assets.storage`. Pure, but for temporary files.
"""
