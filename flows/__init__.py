"""The moving parts: folders, claims, batches, Prefect flows and the warm runner."""
