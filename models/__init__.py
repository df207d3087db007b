"""Multitask prompt tuning: one frozen backbone, steered by a bank of trained prompts."""
