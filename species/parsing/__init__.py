"""From the text of a query parameter to a value, in the notation of addresses or of our pages."""
