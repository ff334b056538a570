"""The endpoints: a module for each group, with its handlers and its ROUTES. What else SERVE has is what they share."""
