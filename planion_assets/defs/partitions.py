"""The partitions of the code location `planion_assets.definitions`, for assets downstream of its tables."""

from planion_assets.defs.names import STANDALONE

conferences = STANDALONE.partitions
