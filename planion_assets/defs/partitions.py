"""The partitions: one per conference, keyed `ACCOUNT|CONFERENCE` (`planion_assets.keys.ConferenceKey`)."""

import dagster as dg

conferences = dg.DynamicPartitionsDefinition(name="conferences")
