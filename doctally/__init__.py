"""The domain of doctally: schemas, rules, values and results, free of any framework."""
